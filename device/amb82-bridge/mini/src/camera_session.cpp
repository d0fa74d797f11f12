#include "camera_session.hpp"

#include <cstring>

#include "json_writer.hpp"

namespace skyfeeder {

namespace {

constexpr Millis kLonelyMs = 60000;
// Rather lose what nobody fetches than the battery.
constexpr Millis kForsakenMs = 600000;

Millis earlier(Millis a, Millis b) { return a < b ? a : b; }

void writeBootId(uint64_t bootNumber, char *into) {
  strcpy(into, "amb82-0000000000000000");
  for (char *digit = into + strlen(into) - 1; bootNumber > 0; digit--) {
    *digit = "0123456789abcdef"[bootNumber & 15];
    bootNumber >>= 4;
  }
}

size_t writeCancel(uint16_t id, uint8_t *into, size_t capacityBytes) {
  JsonWriter json(into, capacityBytes);
  json.number("id", id);
  return json.end();
}

}  // namespace

void CameraSession::start(Millis nowMs) {
  writeBootId(board_.bootNumber(), bootId_);
  startedAtMs_ = nowMs;
  wifi_.start();
  link_.start(bootId_, nowMs);
}

void CameraSession::receive(const uint8_t *bytes, size_t lengthBytes, Millis nowMs) {
  size_t at = 0;
  while (at < lengthBytes && !asleep_) {
    size_t taken = 0;
    link_.setReceptive(!results_.isFull() && !unknownIds_.isFull() && sleepAtMs_ == kNever);
    const LinkEvent event = link_.receive(bytes + at, lengthBytes - at, &taken, nowMs);
    at += taken;
    if (event == LinkEvent::message) handle(link_.message(), nowMs);
    if (event == LinkEvent::peerStarted) {
      captures_.dropWaiting();
      results_.clear();
      unknownIds_.clear();
      sleepAtMs_ = kNever;
      shelf_.offerAll();
    }
  }
}

void CameraSession::step(Millis nowMs) {
  if (asleep_) return;
  finish(nowMs);
  sayNext(nowMs);
  link_.setHasWifi(wifi_.isReady());
  link_.step(nowMs);
  sleepIfDue(nowMs);
}

// One at a time: what finds no room for its result is asked again when there is.
void CameraSession::finish(Millis nowMs) {
  Reason reason = kOk;
  CommandResult upload;
  if (!results_.isFull()) finishCapture(nowMs);
  if (!results_.isFull() && wifi_.poll(nowMs, &reason)) answer("wifi_stage", reason);
  if (!results_.isFull() && uploads_.poll(&upload)) results_.push(upload);
}

void CameraSession::finishCapture(Millis nowMs) {
  Capture capture;
  Media media;
  Reason reason;
  if (!captures_.poll(&capture, &media, &reason)) return;
  if (media.bytes != nullptr) {
    shelf_.add(capture.kind, capture.captureId, media, nowMs);
    return;
  }
  CommandResult result = resultOf(capture.kind == MediaKind::still ? "photo" : "clip", reason);
  memcpy(result.captureId, capture.captureId, sizeof(result.captureId));
  results_.push(result);
}

void CameraSession::sayNext(Millis nowMs) {
  if (!link_.canSend()) return;
  FrameType type;
  const size_t lengthBytes = writeNext(nowMs, &type);
  if (lengthBytes > 0) link_.send(type, lengthBytes);
}

size_t CameraSession::writeNext(Millis nowMs, FrameType *type) {
  uint8_t *into = link_.messageBuffer();
  if (!results_.isEmpty()) {
    *type = FrameType::result;
    return writeResult(results_.pop(), into, kMessageBytesMax);
  }
  if (!unknownIds_.isEmpty()) {
    *type = FrameType::cancel;
    return writeCancel(unknownIds_.pop(), into, kMessageBytesMax);
  }
  HeldObject *object = shelf_.nextToOffer();
  if (object == nullptr) return 0;
  *type = FrameType::offer;
  object->offerDue = false;
  return writeOffer(*object, nowMs, into, kMessageBytesMax);
}

// What is uploaded is on the shelf.
bool CameraSession::isIdle() const {
  return shelf_.count() == 0 && captures_.isEmpty() && !wifi_.isJoining();
}

Millis CameraSession::lonelyAtMs() const {
  return link_.heardAtMs() + (isIdle() ? kLonelyMs : kForsakenMs);
}

void CameraSession::sleepIfDue(Millis nowMs) {
  const bool ordered = sleepAtMs_ != kNever && results_.isEmpty() && link_.isQuiet();
  if (!ordered && nowMs < earlier(sleepAtMs_, lonelyAtMs())) return;
  asleep_ = true;
  board_.deepSleep();
}

Millis CameraSession::nextDueMs() const {
  if (asleep_) return kNever;
  const Millis sleepMs = earlier(sleepAtMs_, lonelyAtMs());
  return earlier(sleepMs, earlier(link_.nextDueMs(), wifi_.nextDueMs()));
}

}  // namespace skyfeeder
