// Puts the pieces of control messages together again.
#pragma once

#include "control_sender.hpp"
#include "link_frame.hpp"

namespace skyfeeder {

class ControlReceiver {
 public:
  void reset();
  uint16_t expected() const { return expected_; }

  // True when this frame ended a message, which then stands until the next call.
  bool take(const FrameStart &start, const uint8_t *payload, size_t payloadBytes);

  FrameType type() const { return static_cast<FrameType>(type_); }
  const uint8_t *message() const { return message_; }
  size_t lengthBytes() const { return lengthBytes_; }

 private:
  uint8_t message_[kMessageBytesMax];
  size_t lengthBytes_ = 0;
  uint8_t type_ = 0;
  uint16_t expected_ = 0;
  bool begun_ = false;
  bool tooLong_ = false;
};

}  // namespace skyfeeder
