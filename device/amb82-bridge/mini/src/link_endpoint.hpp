// The camera's end of docs/link.md: whole, in order, once. Time is an argument; nothing here waits.
#pragma once

#include "bulk_sender.hpp"
#include "camera_hardware.hpp"
#include "control_receiver.hpp"
#include "control_sender.hpp"
#include "line_clock.hpp"
#include "link_frame.hpp"
#include "link_hello.hpp"
#include "rate_switch.hpp"

namespace skyfeeder {

enum class LinkEvent : uint8_t {
  none,
  // The feeder has started anew: it knows nothing of what was said before.
  peerStarted,
  // message() is a control message, until the next call of receive.
  message,
};

class LinkEndpoint {
 public:
  explicit LinkEndpoint(CameraHardware &board) : board_(board) {}

  // Under a bootId never used before.
  void start(const char *bootId, Millis nowMs);
  // For the next hello.
  void setHasWifi(bool hasWifi) { self_.hasWifi = hasWifi; }

  // Takes bytes up to the next event; `taken`: how many. Call it again with the rest.
  LinkEvent receive(const uint8_t *bytes, size_t lengthBytes, size_t *taken, Millis nowMs);
  const ControlReceiver &message() const { return controlIn_; }
  // While not receptive no control frame is accepted: the feeder sends it again.
  void setReceptive(bool receptive) { receptive_ = receptive; }

  // Sends what is due. Call it after receive, when the transmitter has room again or has drained, and at nextDueMs.
  void step(Millis nowMs);
  Millis nextDueMs() const;

  // As long as one message is not acknowledged, there is no room for the next.
  bool canSend() const { return hasPeer_ && controlOut_.isFree(); }
  uint8_t *messageBuffer() { return controlOut_.buffer(); }
  void send(FrameType type, size_t lengthBytes) { controlOut_.queue(type, lengthBytes); }
  BulkSender &bulk() { return bulk_; }

  // Everything said was acknowledged, and the last acknowledgement has left the transmitter.
  bool isQuiet();
  // The last acknowledgement has left the transmitter.
  bool hasAnswered();
  Millis heardAtMs() const { return heardAtMs_; }

 private:
  enum class HelloDue : uint8_t { none, call, answer };

  LinkEvent take(const uint8_t *frame, size_t lengthBytes, Millis nowMs);
  LinkEvent greet(const uint8_t *payload, size_t lengthBytes);
  LinkEvent takeNumbered(const FrameStart &start, const uint8_t *payload, size_t lengthBytes);
  void takeUnnumbered(const FrameStart &start, const uint8_t *payload, size_t lengthBytes,
                      Millis nowMs);
  void acknowledged(const FrameStart &start, Millis nowMs);

  bool isInFlight() const { return controlOut_.isInFlight() || bulk_.isInFlight(); }
  bool isSent() { return wireBytes_ == 0 && board_.uartSent(); }
  void watch(Millis nowMs);
  void applyRate();
  BulkLimits bulkLimits() const;
  size_t costLeft(size_t otherCost) const;

  bool drain();
  bool sendNext(Millis nowMs);
  bool sendHello(Millis nowMs);
  bool sendRateReply(Millis nowMs);
  bool sendControl(Millis nowMs);
  bool sendAck(Millis nowMs);
  bool sendBulk(Millis nowMs);
  void sendLoose(FrameType type, Channel channel, size_t payloadBytes, Millis nowMs);
  Millis sendFrame(size_t lengthBytes, Millis nowMs);

  CameraHardware &board_;
  ControlReceiver controlIn_;
  ControlSender controlOut_;
  BulkSender bulk_;
  RateSwitch rate_;
  LineClock line_;
  frame_decoder decoder_ = {};
  uint8_t frame_[FRAME_BYTES_MAX];
  uint8_t wire_[FRAME_WIRE_BYTES(FRAME_BYTES_MAX)];
  size_t wireBytes_ = 0;
  size_t wireAt_ = 0;

  HelloSelf self_ = {"", false};
  char peerBootId_[kBootIdBytesMax + 1] = {};
  bool hasPeer_ = false;
  HelloDue helloDue_ = HelloDue::none;
  Millis callAtMs_ = 0;

  // Of the peer's hello and its latest frame.
  size_t payloadBytesMax_ = 0;
  size_t peerBufferBytes_ = 0;
  uint8_t window_ = 1;
  uint16_t credit_ = 0;

  uint32_t appliedRate_ = kBaseRate;
  uint16_t bulkExpected_ = 0;
  bool ackDue_[kChannels] = {};
  bool receptive_ = true;
  bool isLineFull_ = false;
  Millis heardAtMs_ = 0;
  // Since when an acknowledgement is missing.
  Millis waitingSinceMs_ = kNever;
};

}  // namespace skyfeeder
