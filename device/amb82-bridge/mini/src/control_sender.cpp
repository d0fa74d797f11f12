#include "control_sender.hpp"

#include <cstring>

namespace skyfeeder {

void ControlSender::reset() {
  roundTrip_.reset();
  lengthBytes_ = 0;
  acknowledgedBytes_ = 0;
  pieceBytes_ = 0;
  sequence_ = 0;
  resendDue_ = false;
}

void ControlSender::queue(FrameType type, size_t lengthBytes) {
  type_ = type;
  lengthBytes_ = lengthBytes;
}

void ControlSender::step(Millis nowMs) {
  if (nowMs < nextDueMs()) return;
  roundTrip_.timedOut();
  resendDue_ = true;
}

Millis ControlSender::nextDueMs() const {
  return isInFlight() && !resendDue_ ? departedMs_ + roundTrip_.timeoutMs() : kNever;
}

size_t ControlSender::compose(uint8_t *frame, size_t payloadBytesMax, size_t costMax) {
  sentTwice_ = isInFlight();
  if (!isInFlight()) {
    const size_t leftBytes = lengthBytes_ - acknowledgedBytes_;
    const size_t pieceBytes = leftBytes < payloadBytesMax ? leftBytes : payloadBytesMax;
    if (payloadCost(pieceBytes) > costMax) return 0;
    pieceBytes_ = pieceBytes;
  }
  resendDue_ = false;
  const bool more = acknowledgedBytes_ + pieceBytes_ < lengthBytes_;
  FrameStart start = {};
  start.type = static_cast<uint8_t>(type_);
  start.channel = static_cast<uint8_t>(kControl | (more ? kMoreFollows : 0));
  start.sequence = sequence_;
  writeFrameStart(frame, start);
  memcpy(frame + FRAME_HEADER_BYTES, message_ + acknowledgedBytes_, pieceBytes_);
  return FRAME_HEADER_BYTES + pieceBytes_;
}

void ControlSender::departed(Millis departedMs) { departedMs_ = departedMs; }

void ControlSender::acknowledged(uint16_t ack, Millis nowMs) {
  if (!isInFlight() || ack != static_cast<uint16_t>(sequence_ + 1)) return;
  if (!sentTwice_) {
    roundTrip_.measured(nowMs > departedMs_ ? static_cast<uint32_t>(nowMs - departedMs_) : 0);
  }
  sequence_ = ack;
  acknowledgedBytes_ += pieceBytes_;
  pieceBytes_ = 0;
  resendDue_ = false;
  if (acknowledgedBytes_ < lengthBytes_) return;
  lengthBytes_ = 0;
  acknowledgedBytes_ = 0;
}

}  // namespace skyfeeder
