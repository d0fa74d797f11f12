// Control messages on their way out: one frame in flight, a long message in pieces.
#pragma once

#include "link_frame.hpp"
#include "round_trip.hpp"

namespace skyfeeder {

constexpr size_t kMessageBytesMax = 2048;

class ControlSender {
 public:
  // A new start of the other end.
  void reset();
  void rateChanged() { roundTrip_.reset(); }

  // While nothing waits to be sent a message may be written to buffer(), then be queued.
  bool isFree() const { return lengthBytes_ == 0; }
  uint8_t *buffer() { return message_; }
  void queue(FrameType type, size_t lengthBytes);

  bool isInFlight() const { return pieceBytes_ > 0; }
  size_t inFlightCost() const { return isInFlight() ? payloadCost(pieceBytes_) : 0; }

  void step(Millis nowMs);
  Millis nextDueMs() const;

  bool isDue(bool mayBegin) const { return isInFlight() ? resendDue_ : mayBegin && !isFree(); }
  // Writes header and payload of the frame that is due; answers its length, 0 when it would cost too much.
  size_t compose(uint8_t *frame, size_t payloadBytesMax, size_t costMax);
  void departed(Millis departedMs);

  void acknowledged(uint16_t ack, Millis nowMs);

 private:
  RoundTrip roundTrip_;
  uint8_t message_[kMessageBytesMax];
  FrameType type_ = FrameType::result;
  size_t lengthBytes_ = 0;
  // Of the message: what was acknowledged, and the piece in flight behind it; 0 for none.
  size_t acknowledgedBytes_ = 0;
  size_t pieceBytes_ = 0;
  uint16_t sequence_ = 0;
  Millis departedMs_ = 0;
  bool resendDue_ = false;
  bool sentTwice_ = false;
};

}  // namespace skyfeeder
