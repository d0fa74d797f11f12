#include "upload_desk.hpp"

#include <cstring>

#include "http_url.hpp"

namespace skyfeeder {

namespace {

Reason reasonOf(UploadOutcome outcome) {
  switch (outcome) {
    case UploadOutcome::stored: return kOk;
    case UploadOutcome::refused: return kRefused;
    case UploadOutcome::timeout: return kTimeout;
    case UploadOutcome::connectFailed: return kConnectFailed;
    case UploadOutcome::joinFailed: return kJoinFailed;
    case UploadOutcome::badUrl: return kBadUrl;
    case UploadOutcome::running:
    case UploadOutcome::closed: break;
  }
  return kClosed;
}

}  // namespace

Reason UploadDesk::begin(JsonValue command, const WifiStage &wifi) {
  if (isRunning() || wifi.isJoining()) return kBusy;
  uint32_t id = 0;
  if (!jsonCount(jsonMember(command, "id"), &id)) return kNoObject;
  HeldObject *object = shelf_.find(id);
  if (object == nullptr) return kNoObject;
  if (!readRequest(command)) return kBadUrl;
  if (!wifi.isReady()) return kNoWifi;
  request_.body = object->media.bytes;
  request_.bodyBytes = object->media.lengthBytes;
  if (!board_.startUpload(wifi.network(), request_)) return kBusy;
  object_ = object;
  object->uploading = true;
  return kOk;
}

bool UploadDesk::readRequest(JsonValue command) {
  HttpUrl parsed;
  textBytes_ = 0;
  request_ = UploadRequest();
  request_.url = readText(jsonMember(command, "url"));
  return request_.url != nullptr && parseHttpUrl(request_.url, &parsed) &&
         readHeaders(jsonMember(command, "headers"));
}

bool UploadDesk::readHeaders(JsonValue headers) {
  if (headers.begin == nullptr) return true;
  if (!jsonIsArray(headers)) return false;
  JsonValue pair = jsonItem(headers, 0);
  for (size_t at = 1; pair.begin != nullptr; at++) {
    if (request_.headerCount == kUploadHeadersMax) return false;
    const char *name = readText(jsonItem(pair, 0));
    const char *value = readText(jsonItem(pair, 1));
    if (name == nullptr || value == nullptr || !isHttpHeader(name, value)) return false;
    if (!isOwnHeader(name)) request_.headers[request_.headerCount++] = {name, value};
    pair = jsonItem(headers, at);
  }
  return true;
}

const char *UploadDesk::readText(JsonValue value) {
  char *text = text_ + textBytes_;
  if (textBytes_ == sizeof(text_)) return nullptr;
  if (!jsonText(value, text, sizeof(text_) - textBytes_)) return nullptr;
  textBytes_ += strlen(text) + 1;
  return text;
}

bool UploadDesk::poll(CommandResult *result) {
  if (!isRunning()) return false;
  uint16_t status = 0;
  const UploadOutcome outcome = board_.pollUpload(&status);
  if (outcome == UploadOutcome::running) return false;
  *result = resultOf("upload", reasonOf(outcome));
  result->objectId = object_->id;
  if (outcome == UploadOutcome::stored || outcome == UploadOutcome::refused) {
    result->httpStatus = status;
  }
  shelf_.uploadOver(object_);
  object_ = nullptr;
  return true;
}

}  // namespace skyfeeder
