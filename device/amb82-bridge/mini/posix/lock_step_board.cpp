#include "lock_step.hpp"
#include "../src/sha256.hpp"

namespace skyfeeder {

void LockStepBoard::boot(uint64_t bootNumber) {
  bootNumber_ = bootNumber;
  room_ = true;
  sent_ = true;
  hasCredentials_ = false;
  isCancelled_ = false;
  sensor_.restart();
}

void LockStepBoard::setCredentials(const WifiCredentials &credentials) {
  hasCredentials_ = true;
  credentials_ = credentials;
}

void LockStepBoard::setUpload(UploadOutcome outcome, uint16_t status) {
  upload_ = outcome;
  uploadStatus_ = status;
  isCancelled_ = false;
}

void LockStepBoard::end(Millis wakeMs) {
  RecordWriter record(RecordKind::end);
  record.putUint64(wakeMs == kNever ? UINT64_MAX : wakeMs * 1000);
  emit(&record);
}

size_t LockStepBoard::uartWrite(const uint8_t *bytes, size_t lengthBytes) {
  if (!room_) return 0;
  room_ = false;
  sent_ = false;
  RecordWriter record(RecordKind::wire);
  record.putBytes(bytes, lengthBytes);
  emit(&record);
  return lengthBytes;
}

void LockStepBoard::uartSetRate(uint32_t bitsPerSecond) {
  RecordWriter record(RecordKind::rate);
  record.putUint32(bitsPerSecond);
  emit(&record);
}

bool LockStepBoard::pollCapture(Media *media) {
  if (!sensor_.poll(media, nowMs_)) return false;
  if (media->bytes == nullptr) return true;
  uint8_t digest[kSha256Bytes];
  sha256(media->bytes, media->lengthBytes, digest);
  RecordWriter record(RecordKind::took);
  record.putUint8(sensor_.tookClip() ? 1 : 0);
  record.putUint32(static_cast<uint32_t>(media->lengthBytes));
  record.putBytes(digest, sizeof(digest));
  emit(&record);
  return true;
}

bool LockStepBoard::startUpload(const WifiCredentials &, const UploadRequest &request) {
  if (isCancelled_) return false;
  upload_ = UploadOutcome::running;
  RecordWriter record(RecordKind::upload);
  record.putText(request.url);
  record.putUint8(static_cast<uint8_t>(request.headerCount));
  for (size_t at = 0; at < request.headerCount; at++) {
    record.putText(request.headers[at].name);
    record.putText(request.headers[at].value);
  }
  record.putUint32(static_cast<uint32_t>(request.bodyBytes));
  emit(&record, request.body, request.bodyBytes);
  return true;
}

UploadOutcome LockStepBoard::pollUpload(uint16_t *status) {
  *status = uploadStatus_;
  return upload_;
}

void LockStepBoard::cancelUpload() {
  upload_ = UploadOutcome::closed;
  isCancelled_ = true;
}

bool LockStepBoard::startJoin(const WifiCredentials &network) {
  join_ = JoinOutcome::running;
  emitNetwork(RecordKind::join, network);
  return true;
}

bool LockStepBoard::loadCredentials(WifiCredentials *credentials) {
  *credentials = credentials_;
  return hasCredentials_;
}

bool LockStepBoard::storeCredentials(const WifiCredentials &credentials) {
  setCredentials(credentials);
  emitNetwork(RecordKind::store, credentials);
  return true;
}

void LockStepBoard::deepSleep() {
  RecordWriter record(RecordKind::sleep);
  emit(&record);
}

void LockStepBoard::emit(RecordWriter *record, const uint8_t *body, size_t bodyBytes) {
  connected_ = record->finish(output_, body, bodyBytes) && connected_;
}

void LockStepBoard::emitNetwork(RecordKind kind, const WifiCredentials &network) {
  RecordWriter record(kind);
  record.putText(network.ssid);
  record.putText(network.passphrase);
  emit(&record);
}

}  // namespace skyfeeder
