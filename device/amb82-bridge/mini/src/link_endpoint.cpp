#include "link_endpoint.hpp"

#include <cstring>

namespace skyfeeder {

namespace {

size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// A frame that fits both ends' frames and, with its cost on the wire, the peer's whole buffer.
size_t payloadBytesFor(const LinkHello &hello) {
  const size_t frameBytes = smaller(hello.frameBytesMax, FRAME_BYTES_MAX);
  size_t payloadBytes = frameBytes - FRAME_HEADER_BYTES - FRAME_CRC_BYTES;
  while (payloadCost(payloadBytes) > hello.bufferBytes) payloadBytes--;
  return payloadBytes;
}

}  // namespace

void LinkEndpoint::start(const char *bootId, Millis nowMs) {
  self_.bootId = bootId;
  callAtMs_ = nowMs;
  heardAtMs_ = nowMs;
  board_.uartSetRate(kBaseRate);
}

LinkEvent LinkEndpoint::receive(const uint8_t *bytes, size_t lengthBytes, size_t *taken,
                                Millis nowMs) {
  *taken = 0;
  while (*taken < lengthBytes) {
    const uint32_t noise = decoder_.noise;
    *taken += frame_decode(&decoder_, bytes + *taken, lengthBytes - *taken);
    if (decoder_.noise != noise) rate_.heardNoise(nowMs);
    if (decoder_.frameLength == 0) continue;
    const LinkEvent event = take(decoder_.frame, decoder_.frameLength, nowMs);
    if (event != LinkEvent::none) return event;
  }
  return LinkEvent::none;
}

LinkEvent LinkEndpoint::take(const uint8_t *frame, size_t lengthBytes, Millis nowMs) {
  const FrameStart start = readFrameStart(frame);
  const uint8_t *payload = frame + FRAME_HEADER_BYTES;
  const size_t payloadBytes = lengthBytes - FRAME_HEADER_BYTES - FRAME_CRC_BYTES;
  heardAtMs_ = nowMs;
  rate_.heardIntact();
  if (start.type == static_cast<uint8_t>(FrameType::hello)) return greet(payload, payloadBytes);
  if (!hasPeer_ || (start.channel & ~kMoreFollows) >= kChannels) return LinkEvent::none;
  credit_ = start.credit;
  if (isNumbered(start.type)) {
    acknowledged(start, nowMs);
    return takeNumbered(start, payload, payloadBytes);
  }
  takeUnnumbered(start, payload, payloadBytes, nowMs);
  return LinkEvent::none;
}

LinkEvent LinkEndpoint::greet(const uint8_t *payload, size_t lengthBytes) {
  LinkHello hello;
  if (!parseHello(payload, lengthBytes, &hello)) return LinkEvent::none;
  helloDue_ = hello.answer ? HelloDue::none : HelloDue::answer;
  if (hasPeer_ && strcmp(hello.bootId, peerBootId_) == 0) return LinkEvent::none;
  hasPeer_ = true;
  memcpy(peerBootId_, hello.bootId, sizeof(peerBootId_));
  payloadBytesMax_ = payloadBytesFor(hello);
  peerBufferBytes_ = hello.bufferBytes;
  window_ = static_cast<uint8_t>(smaller(hello.window, kWindowMax));
  credit_ = 0;
  controlIn_.reset();
  controlOut_.reset();
  bulk_.reset();
  bulkExpected_ = 0;
  ackDue_[kControl] = false;
  ackDue_[kBulk] = false;
  waitingSinceMs_ = kNever;
  rate_.reset();
  return LinkEvent::peerStarted;
}

LinkEvent LinkEndpoint::takeNumbered(const FrameStart &start, const uint8_t *payload,
                                     size_t lengthBytes) {
  const Channel channel = (start.channel & ~kMoreFollows) == kControl ? kControl : kBulk;
  ackDue_[channel] = true;
  if (channel == kBulk) {
    // The camera wants no bulk; who sends it anyway is not to send it for ever.
    if (start.sequence == bulkExpected_) bulkExpected_++;
    return LinkEvent::none;
  }
  if (!receptive_ || !controlIn_.take(start, payload, lengthBytes)) return LinkEvent::none;
  return LinkEvent::message;
}

void LinkEndpoint::takeUnnumbered(const FrameStart &start, const uint8_t *payload,
                                  size_t lengthBytes, Millis nowMs) {
  const Channel channel = (start.channel & ~kMoreFollows) == kControl ? kControl : kBulk;
  switch (static_cast<FrameType>(start.type)) {
    case FrameType::ping:
      ackDue_[channel] = true;
      [[fallthrough]];
    case FrameType::ack:
      acknowledged(start, nowMs);
      return;
    case FrameType::rate:
      if (lengthBytes >= kRatePayloadBytes && payload[4] == kPropose) {
        rate_.proposed(getUint32(payload), nowMs);
      }
      return;
    case FrameType::probe:
      if (lengthBytes >= kProbePayloadBytes && payload[1] == kProbe) rate_.probed(payload[0]);
      return;
    default:
      return;
  }
}

void LinkEndpoint::acknowledged(const FrameStart &start, Millis nowMs) {
  if ((start.channel & ~kMoreFollows) == kControl) controlOut_.acknowledged(start.ack, nowMs);
  else bulk_.acknowledged(start.ack, start.sack, nowMs);
}

bool LinkEndpoint::hasAnswered() {
  return !ackDue_[kControl] && !ackDue_[kBulk] && isSent();
}

bool LinkEndpoint::isQuiet() {
  return controlOut_.isFree() && !isInFlight() && hasAnswered();
}

}  // namespace skyfeeder
