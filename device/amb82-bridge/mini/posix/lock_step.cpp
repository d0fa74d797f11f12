#include "lock_step.hpp"

#include <cstdio>
#include <new>
#include <unistd.h>

namespace skyfeeder {

namespace {

class LockStep {
 public:
  LockStep(FolderSensor &sensor, LockStepBoard &board) : sensor_(sensor), board_(board) {}

  // False when the record makes no sense.
  bool take(RecordReader *record);
  Millis nextDueMs() const;

 private:
  bool takeBoot(RecordReader *record, Millis nowMs);
  bool takeCondition(RecordReader *record, Millis nowMs);
  bool takeUpload(RecordReader *record);
  bool takeJoin(RecordReader *record);

  FolderSensor &sensor_;
  LockStepBoard &board_;
  // Made anew at each boot, in place.
  alignas(CameraSession) unsigned char memory_[sizeof(CameraSession)];
  CameraSession *session_ = nullptr;
  Millis nowMs_ = 0;
};

bool LockStep::take(RecordReader *record) {
  const Millis nowMs = record->takeUint64() / 1000;
  nowMs_ = nowMs;
  board_.setTime(nowMs);
  if (record->kind() == RecordKind::boot) return takeBoot(record, nowMs);
  if (session_ == nullptr || !takeCondition(record, nowMs) || !record->isWhole()) return false;
  session_->step(nowMs);
  return true;
}

bool LockStep::takeBoot(RecordReader *record, Millis nowMs) {
  board_.boot(record->takeUint64());
  if (!record->atEnd()) {
    WifiCredentials credentials;
    const bool fits = record->takeText(credentials.ssid, sizeof(credentials.ssid)) &&
                      record->takeText(credentials.passphrase, sizeof(credentials.passphrase));
    if (!fits) return false;
    board_.setCredentials(credentials);
  }
  if (!record->isWhole()) return false;
  session_ = new (memory_) CameraSession(board_);
  session_->start(nowMs);
  session_->step(nowMs);
  return true;
}

bool LockStep::takeCondition(RecordReader *record, Millis nowMs) {
  size_t lengthBytes;
  const uint8_t *bytes = record->rest(&lengthBytes);
  switch (record->kind()) {
    case RecordKind::bytes:
      session_->receive(bytes, lengthBytes, nowMs);
      return true;
    case RecordKind::tick: return true;
    case RecordKind::sent: board_.setSent(); [[fallthrough]];
    case RecordKind::room: board_.setRoom(); return true;
    case RecordKind::uploadOver: return takeUpload(record);
    case RecordKind::joinOver: return takeJoin(record);
    default: return false;
  }
}

bool LockStep::takeUpload(RecordReader *record) {
  const uint8_t outcome = record->takeUint8();
  if (outcome == 0 || outcome > static_cast<uint8_t>(UploadOutcome::badUrl)) return false;
  board_.setUpload(static_cast<UploadOutcome>(outcome), record->takeUint16());
  return true;
}

bool LockStep::takeJoin(RecordReader *record) {
  const uint8_t outcome = record->takeUint8();
  if (outcome == 0 || outcome > static_cast<uint8_t>(JoinOutcome::failed)) return false;
  board_.setJoin(static_cast<JoinOutcome>(outcome));
  return true;
}

Millis LockStep::nextDueMs() const {
  const Millis sessionMs = session_->nextDueMs();
  if (sessionMs == kNever) return kNever;
  // A capture that is over waits while there is no room for its result.
  const Millis sensorMs = sensor_.dueMs() > nowMs_ ? sensor_.dueMs() : nowMs_ + 1;
  return sessionMs < sensorMs ? sessionMs : sensorMs;
}

}  // namespace

int runLockStep(const char *folder) {
  static FolderSensor sensor;
  static RecordReader record;
  if (!sensor.load(folder)) {
    fprintf(stderr, "skyfeeder-camera: %s: no such folder\n", folder);
    return 1;
  }
  static LockStepBoard board(sensor, STDOUT_FILENO);
  static LockStep camera(sensor, board);
  RecordReader::Outcome outcome = record.next(STDIN_FILENO);
  while (outcome == RecordReader::Outcome::record && camera.take(&record)) {
    board.end(camera.nextDueMs());
    // The caller went away in the middle of an answer.
    if (!board.isConnected()) return 1;
    outcome = record.next(STDIN_FILENO);
  }
  if (outcome == RecordReader::Outcome::ended) return 0;
  fprintf(stderr, "skyfeeder-camera: a record makes no sense\n");
  return 1;
}

}  // namespace skyfeeder
