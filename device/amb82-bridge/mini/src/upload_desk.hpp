// The upload that runs, if one does: what the board's Wi-Fi reads stays here until it is over.
#pragma once

#include "camera_hardware.hpp"
#include "command_result.hpp"
#include "control_sender.hpp"
#include "json_reader.hpp"
#include "object_shelf.hpp"
#include "wifi_stage.hpp"

namespace skyfeeder {

class UploadDesk {
 public:
  UploadDesk(CameraHardware &board, ObjectShelf &shelf) : board_(board), shelf_(shelf) {}

  bool isRunning() const { return object_ != nullptr; }
  // Why not, or kOk: then it is over some time.
  Reason begin(JsonValue command, const WifiStage &wifi);
  // The object is wanted no more; then it is over soon.
  void cancel() { board_.cancelUpload(); }
  // True when it is over.
  bool poll(CommandResult *result);

 private:
  bool readRequest(JsonValue command);
  bool readHeaders(JsonValue headers);
  const char *readText(JsonValue value);

  CameraHardware &board_;
  ObjectShelf &shelf_;
  HeldObject *object_ = nullptr;
  UploadRequest request_ = {};
  // URL and headers with a zero behind each: no longer than the message they came in.
  char text_[kMessageBytesMax];
  size_t textBytes_ = 0;
};

}  // namespace skyfeeder
