// Bulk on its way out: a window of data frames. What was lost is read from the object again, never copied.
#pragma once

#include "link_frame.hpp"
#include "link_hello.hpp"
#include "round_trip.hpp"

namespace skyfeeder {

// Ahead of the bytes in a data payload: object id u16, file offset u32.
constexpr size_t kDataPrefixBytes = 6;

struct BulkLimits {
  size_t payloadBytesMax;
  uint8_t window;
  // What frames in flight may cost, all together.
  size_t costMax;
};

class BulkSender {
 public:
  // A new start of the other end.
  void reset();
  void rateChanged() { roundTrip_.reset(); }

  // Sends the object from the offset to its end, instead of what was being sent.
  void begin(uint16_t objectId, const uint8_t *bytes, uint32_t sizeBytes, uint32_t fileOffsetBytes);
  // What was being sent is not wanted any more.
  void stop();
  // The object's bytes are going away.
  void end(uint16_t objectId);

  bool isInFlight() const { return inFlight_ > 0; }
  size_t inFlightCost() const { return inFlightCost_; }

  void step(Millis nowMs, bool starved);
  Millis nextDueMs() const;
  // Something is to be sent and its credit is missing, so that nothing will tell when it is there.
  bool isStarved(const BulkLimits &limits) const;
  bool takePing();

  // Writes header and payload of the next frame; answers its length, 0 when none may go.
  size_t compose(uint8_t *frame, const BulkLimits &limits, bool mayBegin);
  // The frame just composed leaves the transmitter then.
  void departed(Millis departedMs);

  void acknowledged(uint16_t ack, uint8_t sack, Millis nowMs);

 private:
  struct Slot {
    uint32_t fileOffsetBytes;
    // 0: what it carried is no longer wanted, but its number must arrive.
    uint16_t lengthBytes;
    uint16_t cost;
    // Transmissions are counted: the wire keeps order.
    uint32_t transmission;
    Millis departedMs;
    bool arrived;
    bool lost;
    bool sentTwice;
  };

  Slot &slotAt(uint8_t index) { return slots_[(base_ + index) % kWindowMax]; }
  const Slot &slotAt(uint8_t index) const { return slots_[(base_ + index) % kWindowMax]; }
  uint32_t nextLengthBytes(size_t payloadBytesMax) const;
  void blankInFlight();
  bool admit(const BulkLimits &limits);
  size_t write(uint8_t *frame, uint8_t index);
  void arrive(Slot *slot, Millis nowMs, uint32_t *latest);
  void loseBefore(uint32_t transmission);
  const Slot *oldestWaiting() const;

  RoundTrip roundTrip_;
  Slot slots_[kWindowMax] = {};
  uint16_t base_ = 0;
  uint8_t inFlight_ = 0;
  size_t inFlightCost_ = 0;
  uint32_t transmissions_ = 0;
  uint8_t composedIndex_ = 0;
  Millis starvedSinceMs_ = kNever;
  bool pingDue_ = false;

  uint16_t objectId_ = 0;
  const uint8_t *bytes_ = nullptr;
  uint32_t sizeBytes_ = 0;
  uint32_t nextOffsetBytes_ = 0;
};

}  // namespace skyfeeder
