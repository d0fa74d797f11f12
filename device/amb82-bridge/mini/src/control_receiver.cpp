#include "control_receiver.hpp"

#include <cstring>

namespace skyfeeder {

void ControlReceiver::reset() {
  expected_ = 0;
  begun_ = false;
}

bool ControlReceiver::take(const FrameStart &start, const uint8_t *payload, size_t payloadBytes) {
  if (start.sequence != expected_) return false;
  expected_++;
  if (!begun_ || start.type != type_) {
    type_ = start.type;
    lengthBytes_ = 0;
    tooLong_ = false;
  }
  tooLong_ = tooLong_ || payloadBytes > kMessageBytesMax - lengthBytes_;
  if (!tooLong_) {
    memcpy(message_ + lengthBytes_, payload, payloadBytes);
    lengthBytes_ += payloadBytes;
  }
  begun_ = (start.channel & kMoreFollows) != 0;
  return !begun_ && !tooLong_;
}

}  // namespace skyfeeder
