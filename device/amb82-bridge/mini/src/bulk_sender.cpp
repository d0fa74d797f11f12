#include "bulk_sender.hpp"

#include <cstring>

namespace skyfeeder {

void BulkSender::reset() { *this = BulkSender(); }

void BulkSender::begin(uint16_t objectId, const uint8_t *bytes, uint32_t sizeBytes,
                       uint32_t fileOffsetBytes) {
  stop();
  objectId_ = objectId;
  bytes_ = bytes;
  sizeBytes_ = sizeBytes;
  nextOffsetBytes_ = fileOffsetBytes;
}

void BulkSender::end(uint16_t objectId) {
  if (bytes_ != nullptr && objectId == objectId_) stop();
}

void BulkSender::stop() {
  blankInFlight();
  bytes_ = nullptr;
}

// Nobody waits for these bytes any more, but the numbers they went under have to arrive.
void BulkSender::blankInFlight() {
  for (uint8_t index = 0; index < inFlight_; index++) slotAt(index).lengthBytes = 0;
}

const BulkSender::Slot *BulkSender::oldestWaiting() const {
  const Slot *oldest = nullptr;
  for (uint8_t index = 0; index < inFlight_; index++) {
    const Slot &slot = slotAt(index);
    if (slot.arrived || slot.lost) continue;
    if (oldest == nullptr || slot.departedMs < oldest->departedMs) oldest = &slot;
  }
  return oldest;
}

Millis BulkSender::nextDueMs() const {
  if (starvedSinceMs_ != kNever) return starvedSinceMs_ + roundTrip_.timeoutMs();
  const Slot *oldest = oldestWaiting();
  return oldest == nullptr ? kNever : oldest->departedMs + roundTrip_.timeoutMs();
}

void BulkSender::step(Millis nowMs, bool starved) {
  if (starved != (starvedSinceMs_ != kNever)) starvedSinceMs_ = starved ? nowMs : kNever;
  if (nowMs < nextDueMs()) return;
  if (starved) {
    pingDue_ = true;
    starvedSinceMs_ = nowMs;
    return;
  }
  const uint32_t timeoutMs = roundTrip_.timeoutMs();
  roundTrip_.timedOut();
  for (uint8_t index = 0; index < inFlight_; index++) {
    Slot &slot = slotAt(index);
    if (!slot.arrived && slot.departedMs + timeoutMs <= nowMs) slot.lost = true;
  }
}

bool BulkSender::isStarved(const BulkLimits &limits) const {
  const uint32_t lengthBytes = nextLengthBytes(limits.payloadBytesMax);
  return inFlight_ == 0 && lengthBytes > 0 &&
         payloadCost(kDataPrefixBytes + lengthBytes) > limits.costMax;
}

bool BulkSender::takePing() {
  const bool due = pingDue_;
  pingDue_ = false;
  return due;
}

uint32_t BulkSender::nextLengthBytes(size_t payloadBytesMax) const {
  if (bytes_ == nullptr) return 0;
  const uint32_t leftBytes = sizeBytes_ - nextOffsetBytes_;
  const uint32_t mostBytes = static_cast<uint32_t>(payloadBytesMax - kDataPrefixBytes);
  return leftBytes < mostBytes ? leftBytes : mostBytes;
}

size_t BulkSender::compose(uint8_t *frame, const BulkLimits &limits, bool mayBegin) {
  for (uint8_t index = 0; index < inFlight_; index++) {
    if (slotAt(index).lost) return write(frame, index);
  }
  if (!mayBegin || inFlight_ >= limits.window || !admit(limits)) return 0;
  return write(frame, static_cast<uint8_t>(inFlight_ - 1));
}

bool BulkSender::admit(const BulkLimits &limits) {
  const uint32_t lengthBytes = nextLengthBytes(limits.payloadBytesMax);
  const size_t cost = payloadCost(kDataPrefixBytes + lengthBytes);
  if (lengthBytes == 0 || inFlightCost_ + cost > limits.costMax) return false;
  Slot &slot = slotAt(inFlight_++);
  slot = Slot();
  slot.fileOffsetBytes = nextOffsetBytes_;
  slot.lengthBytes = static_cast<uint16_t>(lengthBytes);
  slot.cost = static_cast<uint16_t>(cost);
  nextOffsetBytes_ += lengthBytes;
  inFlightCost_ += cost;
  return true;
}

size_t BulkSender::write(uint8_t *frame, uint8_t index) {
  Slot &slot = slotAt(index);
  slot.sentTwice = slot.transmission != 0;
  slot.transmission = ++transmissions_;
  slot.lost = false;
  composedIndex_ = index;
  FrameStart start = {};
  start.type = static_cast<uint8_t>(FrameType::data);
  start.channel = kBulk;
  start.sequence = static_cast<uint16_t>(base_ + index);
  writeFrameStart(frame, start);
  if (slot.lengthBytes == 0) return FRAME_HEADER_BYTES;
  uint8_t *payload = frame + FRAME_HEADER_BYTES;
  putUint16(payload, objectId_);
  putUint32(payload + 2, slot.fileOffsetBytes);
  memcpy(payload + kDataPrefixBytes, bytes_ + slot.fileOffsetBytes, slot.lengthBytes);
  return FRAME_HEADER_BYTES + kDataPrefixBytes + slot.lengthBytes;
}

void BulkSender::departed(Millis departedMs) { slotAt(composedIndex_).departedMs = departedMs; }

void BulkSender::acknowledged(uint16_t ack, uint8_t sack, Millis nowMs) {
  const uint16_t count = static_cast<uint16_t>(ack - base_);
  if (count > inFlight_) return;
  uint32_t latest = 0;
  for (uint8_t index = 0; index < count; index++) {
    Slot &slot = slotAt(index);
    arrive(&slot, nowMs, &latest);
    inFlightCost_ -= slot.cost;
  }
  base_ = ack;
  inFlight_ = static_cast<uint8_t>(inFlight_ - count);
  for (uint8_t index = 1; index < inFlight_; index++) {
    if ((sack >> (index - 1)) & 1) arrive(&slotAt(index), nowMs, &latest);
  }
  loseBefore(latest);
}

void BulkSender::arrive(Slot *slot, Millis nowMs, uint32_t *latest) {
  if (slot->arrived) return;
  slot->arrived = true;
  slot->lost = false;
  const bool hasLeft = nowMs >= slot->departedMs;
  // Then an earlier sending has arrived after all, which says nothing about what left since.
  if (slot->sentTwice && !hasLeft) return;
  if (!slot->sentTwice) {
    roundTrip_.measured(hasLeft ? static_cast<uint32_t>(nowMs - slot->departedMs) : 0);
  }
  if (slot->transmission > *latest) *latest = slot->transmission;
}

void BulkSender::loseBefore(uint32_t transmission) {
  for (uint8_t index = 0; index < inFlight_; index++) {
    Slot &slot = slotAt(index);
    if (!slot.arrived && slot.transmission < transmission) slot.lost = true;
  }
}

}  // namespace skyfeeder
