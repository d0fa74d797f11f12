// What each message of the feeder means to the camera (docs/link.md, "Commands and results").
#include <cstring>

#include "camera_session.hpp"

namespace skyfeeder {

namespace {

// Its answer may have to be sent again; longer than that nobody listens.
constexpr Millis kGoodNightMs = 1000;

// A feeder of before says none, one of later perhaps more: a photo matters more than its quality.
uint32_t qualityOf(JsonValue command) {
  uint32_t quality = 0;
  const bool given = jsonCount(jsonMember(command, "quality"), &quality);
  return given && quality >= 1 && quality <= kQualityMax ? quality : kQualityUsual;
}

}  // namespace

void CameraSession::handle(const ControlReceiver &message, Millis nowMs) {
  const JsonValue object = parseJsonObject(message.message(), message.lengthBytes());
  if (object.begin == nullptr && message.type() != FrameType::command) return;
  switch (message.type()) {
    case FrameType::command: return handleCommand(object, nowMs);
    case FrameType::read: return handleRead(object);
    case FrameType::done:
    case FrameType::cancel: return handleEnd(object);
    default: return;
  }
}

void CameraSession::handleCommand(JsonValue command, Millis nowMs) {
  char op[kOpBytesMax + 1];
  // Of a longer one, what fits: longer than any there is.
  if (!jsonText(jsonMember(command, "op"), op, sizeof(op))) return answer(op, kUnknownOp);
  const auto is = [&op](const char *name) { return strcmp(op, name) == 0; };
  if (is("photo")) return handleCapture(command, MediaKind::still);
  if (is("clip")) return handleCapture(command, MediaKind::clip);
  if (is("status")) return handleStatus(nowMs);
  if (is("upload")) return handleUpload(command);
  if (is("sleep")) return handleSleep(nowMs);
  if (is("wifi_commit")) return answer(op, wifi_.commit());
  if (is("wifi_abort")) return answer(op, wifi_.abort());
  if (!is("wifi_stage")) return answer(op, kUnknownOp);
  const Reason reason = uploads_.isRunning() ? kBusy : wifi_.stage(command);
  if (reason != kOk) answer(op, reason);
}

void CameraSession::handleCapture(JsonValue command, MediaKind kind) {
  Capture capture = {};
  capture.kind = kind;
  const Reason reason = startCapture(command, &capture);
  if (reason == kOk) return;
  CommandResult result = resultOf(kind == MediaKind::still ? "photo" : "clip", reason);
  memcpy(result.captureId, capture.captureId, sizeof(result.captureId));
  results_.push(result);
}

Reason CameraSession::startCapture(JsonValue command, Capture *capture) {
  const JsonValue captureId = jsonMember(command, "captureId");
  if (!jsonText(captureId, capture->captureId, sizeof(capture->captureId))) {
    // The beginning of a longer one may be the name of another.
    capture->captureId[0] = '\0';
    return kUnknownOp;
  }
  if (capture->kind == MediaKind::clip) {
    const bool given = jsonCount(jsonMember(command, "seconds"), &capture->seconds);
    if (!given || capture->seconds == 0) return kUnknownOp;
    if (capture->seconds > board_.clipSecondsMax()) return kNoMemory;
  }
  capture->quality = qualityOf(command);
  if (shelf_.count() + captures_.count() >= kObjectsMax) return kNoMemory;
  return captures_.add(*capture);
}

void CameraSession::handleStatus(Millis nowMs) {
  CommandResult result = resultOf("status", kOk);
  result.uptimeMs = nowMs - startedAtMs_;
  result.objects = shelf_.count();
  result.wifi = wifi_.name();
  results_.push(result);
}

void CameraSession::handleUpload(JsonValue command) {
  const Reason reason = uploads_.begin(command, wifi_);
  if (reason == kOk) return;
  CommandResult result = resultOf("upload", reason);
  jsonCount(jsonMember(command, "id"), &result.objectId);
  results_.push(result);
}

void CameraSession::handleSleep(Millis nowMs) {
  if (!isIdle()) return answer("sleep", kBusy);
  answer("sleep", kOk);
  sleepAtMs_ = nowMs + kGoodNightMs;
}

void CameraSession::handleRead(JsonValue read) {
  uint32_t id = 0;
  uint32_t offsetBytes = 0;
  if (!jsonCount(jsonMember(read, "id"), &id) || id > UINT16_MAX) return;
  // Also for one that brings nothing.
  link_.bulk().stop();
  const HeldObject *object = shelf_.find(id);
  if (object == nullptr) return unknownIds_.add(static_cast<uint16_t>(id));
  const uint32_t sizeBytes = static_cast<uint32_t>(object->media.lengthBytes);
  if (!jsonCount(jsonMember(read, "fileOffsetBytes"), &offsetBytes)) return;
  if (offsetBytes > sizeBytes) return;
  link_.bulk().begin(object->id, object->media.bytes, sizeBytes, offsetBytes);
}

void CameraSession::handleEnd(JsonValue end) {
  uint32_t id = 0;
  if (!jsonCount(jsonMember(end, "id"), &id)) return;
  HeldObject *object = shelf_.find(id);
  if (object == nullptr) return;
  link_.bulk().end(object->id);
  if (object->uploading) uploads_.cancel();
  shelf_.end(object);
}

}  // namespace skyfeeder
