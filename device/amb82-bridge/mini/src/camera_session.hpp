// The camera: what the feeder asks over the link, done with the board.
#pragma once

#include "camera_hardware.hpp"
#include "capture_queue.hpp"
#include "command_result.hpp"
#include "json_reader.hpp"
#include "link_endpoint.hpp"
#include "object_shelf.hpp"
#include "unknown_ids.hpp"
#include "upload_desk.hpp"
#include "wifi_stage.hpp"

namespace skyfeeder {

// Everything is within the object, some 13 KB; nothing is allocated. Nothing waits.
class CameraSession {
 public:
  explicit CameraSession(CameraHardware &board)
      : board_(board), link_(board), shelf_(board), captures_(board), wifi_(board),
        uploads_(board, shelf_) {}

  // Once, after reset or wake, when the UART listens at 115200.
  void start(Millis nowMs);
  void receive(const uint8_t *bytes, size_t lengthBytes, Millis nowMs);
  // Does what is due. Call it after receive, at nextDueMs at the latest, and when anything that was started on the
  // board may be over: the transmitter has room or has drained, a capture, an upload or a join has ended.
  void step(Millis nowMs);
  Millis nextDueMs() const;

 private:
  void handle(const ControlReceiver &message, Millis nowMs);
  void handleCommand(JsonValue command, Millis nowMs);
  void handleCapture(JsonValue command, MediaKind kind);
  void handleStatus(Millis nowMs);
  void handleUpload(JsonValue command);
  void handleSleep(Millis nowMs);
  void handleRead(JsonValue read);
  void handleEnd(JsonValue end);

  Reason startCapture(JsonValue command, Capture *capture);
  void finishCapture(Millis nowMs);
  void finish(Millis nowMs);
  void sayNext(Millis nowMs);
  size_t writeNext(Millis nowMs, FrameType *type);
  void answer(const char *op, Reason reason) { results_.push(resultOf(op, reason)); }

  bool isIdle() const;
  Millis lonelyAtMs() const;
  void sleepIfDue(Millis nowMs);

  CameraHardware &board_;
  LinkEndpoint link_;
  ObjectShelf shelf_;
  CaptureQueue captures_;
  WifiStage wifi_;
  UploadDesk uploads_;
  ResultQueue results_;
  char bootId_[kBootIdBytesMax + 1] = {};
  Millis startedAtMs_ = 0;
  UnknownIds unknownIds_;
  // When it sleeps even though something said was not acknowledged.
  Millis sleepAtMs_ = kNever;
  bool asleep_ = false;
};

}  // namespace skyfeeder
