// What the endpoint sends, and when.
#include <cstring>

#include "link_endpoint.hpp"

namespace skyfeeder {

namespace {

constexpr Millis kHelloEveryMs = 500;

Millis earlier(Millis a, Millis b) { return a < b ? a : b; }

}  // namespace

void LinkEndpoint::step(Millis nowMs) {
  if (!hasPeer_ && nowMs >= callAtMs_) {
    helloDue_ = HelloDue::call;
    callAtMs_ = nowMs + kHelloEveryMs;
  }
  watch(nowMs);
  rate_.step(nowMs, isSent(), waitingSinceMs_, heardAtMs_);
  applyRate();
  controlOut_.step(nowMs);
  bulk_.step(nowMs, hasPeer_ && bulk_.isStarved(bulkLimits()));
  isLineFull_ = false;
  while (drain()) {
    isLineFull_ = !line_.isOpen(nowMs);
    if (isLineFull_ || !sendNext(nowMs)) break;
  }
  watch(nowMs);
}

// Not from the sending of a frame: sent again and again it would never have waited long.
void LinkEndpoint::watch(Millis nowMs) {
  if (!isInFlight()) waitingSinceMs_ = kNever;
  else if (waitingSinceMs_ == kNever) waitingSinceMs_ = nowMs;
}

void LinkEndpoint::applyRate() {
  if (rate_.rate() == appliedRate_) return;
  appliedRate_ = rate_.rate();
  board_.uartSetRate(appliedRate_);
  line_.setRate(appliedRate_);
  controlOut_.rateChanged();
  bulk_.rateChanged();
}

Millis LinkEndpoint::nextDueMs() const {
  Millis dueMs = hasPeer_ ? kNever : callAtMs_;
  if (isLineFull_) dueMs = earlier(dueMs, line_.openAtMs());
  dueMs = earlier(dueMs, rate_.nextDueMs(waitingSinceMs_, heardAtMs_));
  return earlier(dueMs, earlier(controlOut_.nextDueMs(), bulk_.nextDueMs()));
}

// What both channels have in flight, together, must find room in the peer's buffer.
size_t LinkEndpoint::costLeft(size_t otherCost) const {
  return peerBufferBytes_ > otherCost ? peerBufferBytes_ - otherCost : 0;
}

BulkLimits LinkEndpoint::bulkLimits() const {
  const size_t left = costLeft(controlOut_.inFlightCost());
  return {payloadBytesMax_, window_, left < credit_ ? left : credit_};
}

bool LinkEndpoint::drain() {
  if (wireAt_ < wireBytes_) wireAt_ += board_.uartWrite(wire_ + wireAt_, wireBytes_ - wireAt_);
  if (wireAt_ < wireBytes_) return false;
  wireAt_ = 0;
  wireBytes_ = 0;
  return true;
}

bool LinkEndpoint::sendNext(Millis nowMs) {
  if (rate_.isSilent()) return false;
  if (helloDue_ != HelloDue::none) return sendHello(nowMs);
  if (!hasPeer_) return false;
  return sendRateReply(nowMs) || sendControl(nowMs) || sendAck(nowMs) || sendBulk(nowMs);
}

bool LinkEndpoint::sendHello(Millis nowMs) {
  const bool answer = helloDue_ == HelloDue::answer;
  helloDue_ = HelloDue::none;
  uint8_t *payload = frame_ + FRAME_HEADER_BYTES;
  const size_t lengthBytes = writeHello(self_, answer, payload, FRAME_PAYLOAD_BYTES_MAX);
  sendLoose(FrameType::hello, kControl, lengthBytes, nowMs);
  return true;
}

bool LinkEndpoint::sendRateReply(Millis nowMs) {
  uint8_t *payload = frame_ + FRAME_HEADER_BYTES;
  uint32_t rate;
  if (rate_.takeAccept(isInFlight(), &rate)) {
    putUint32(payload, rate);
    payload[4] = kAccept;
    sendLoose(FrameType::rate, kControl, kRatePayloadBytes, nowMs);
    return true;
  }
  if (!rate_.takeEcho(payload)) return false;
  payload[1] = kEcho;
  for (size_t at = 2; at < kProbePayloadBytes; at++) payload[at] = at % 2 == 0 ? 0x55 : 0xaa;
  sendLoose(FrameType::probe, kControl, kProbePayloadBytes, nowMs);
  return true;
}

bool LinkEndpoint::sendControl(Millis nowMs) {
  if (!controlOut_.isDue(rate_.mayBegin())) return false;
  const size_t costMax = costLeft(bulk_.inFlightCost());
  const size_t lengthBytes = controlOut_.compose(frame_, payloadBytesMax_, costMax);
  if (lengthBytes == 0) return false;
  controlOut_.departed(sendFrame(lengthBytes, nowMs));
  return true;
}

bool LinkEndpoint::sendAck(Millis nowMs) {
  if (!ackDue_[kControl] && !ackDue_[kBulk]) return false;
  sendLoose(FrameType::ack, ackDue_[kControl] ? kControl : kBulk, 0, nowMs);
  return true;
}

bool LinkEndpoint::sendBulk(Millis nowMs) {
  const size_t lengthBytes = bulk_.compose(frame_, bulkLimits(), rate_.mayBegin());
  if (lengthBytes > 0) {
    bulk_.departed(sendFrame(lengthBytes, nowMs));
    return true;
  }
  if (!bulk_.takePing()) return false;
  sendLoose(FrameType::ping, kBulk, 0, nowMs);
  return true;
}

void LinkEndpoint::sendLoose(FrameType type, Channel channel, size_t payloadBytes, Millis nowMs) {
  FrameStart start = {};
  start.type = static_cast<uint8_t>(type);
  start.channel = channel;
  writeFrameStart(frame_, start);
  sendFrame(FRAME_HEADER_BYTES + payloadBytes, nowMs);
}

// The acknowledgement is put in last: it is newer than the rest, and any frame of its channel carries it.
Millis LinkEndpoint::sendFrame(size_t lengthBytes, Millis nowMs) {
  FrameStart start = readFrameStart(frame_);
  const Channel channel = (start.channel & ~kMoreFollows) == kControl ? kControl : kBulk;
  start.ack = channel == kControl ? controlIn_.expected() : bulkExpected_;
  start.credit = kReceiveBufferBytes;
  writeFrameStart(frame_, start);
  const bool acknowledges =
      isNumbered(start.type) || start.type == static_cast<uint8_t>(FrameType::ack);
  if (acknowledges) ackDue_[channel] = false;
  wireBytes_ = frame_encode(frame_, lengthBytes, wire_);
  wireAt_ = 0;
  const Millis departedMs = line_.took(wireBytes_, nowMs);
  drain();
  return departedMs;
}

}  // namespace skyfeeder
