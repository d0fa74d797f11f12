// The camera as a function: records in, records out, time and wire are the caller's (record_stream.hpp).
#pragma once

#include "../src/camera_session.hpp"
#include "folder_sensor.hpp"
#include "record_stream.hpp"

namespace skyfeeder {

// The board whose every outward act is a record.
class LockStepBoard final : public CameraHardware {
 public:
  LockStepBoard(FolderSensor &sensor, int output) : sensor_(sensor), output_(output) {}

  void boot(uint64_t bootNumber);
  void setCredentials(const WifiCredentials &credentials);
  void setTime(Millis nowMs) { nowMs_ = nowMs; }
  void setRoom() { room_ = true; }
  void setSent() { sent_ = true; }
  void setUpload(UploadOutcome outcome, uint16_t status);
  void setJoin(JoinOutcome outcome) { join_ = outcome; }
  bool isConnected() const { return connected_; }
  void end(Millis wakeMs);

  size_t uartWrite(const uint8_t *bytes, size_t lengthBytes) override;
  bool uartSent() override { return sent_; }
  void uartSetRate(uint32_t bitsPerSecond) override;
  uint32_t clipSecondsMax() override { return FolderSensor::kClipSecondsMax; }
  bool startStill(uint32_t quality) override { return sensor_.startStill(quality, nowMs_); }
  bool startClip(uint32_t seconds, uint32_t quality) override {
    return sensor_.startClip(seconds, quality, nowMs_);
  }
  bool pollCapture(Media *media) override;
  void releaseMedia(const uint8_t *bytes) override { sensor_.release(bytes); }
  bool startUpload(const WifiCredentials &network, const UploadRequest &request) override;
  UploadOutcome pollUpload(uint16_t *status) override;
  void cancelUpload() override;
  bool startJoin(const WifiCredentials &network) override;
  JoinOutcome pollJoin() override { return join_; }
  bool loadCredentials(WifiCredentials *credentials) override;
  bool storeCredentials(const WifiCredentials &credentials) override;
  uint64_t bootNumber() override { return bootNumber_; }
  void deepSleep() override;

 private:
  void emit(RecordWriter *record, const uint8_t *body = nullptr, size_t bodyBytes = 0);
  void emitNetwork(RecordKind kind, const WifiCredentials &network);

  FolderSensor &sensor_;
  int output_;
  bool connected_ = true;
  Millis nowMs_ = 0;
  uint64_t bootNumber_ = 0;
  bool room_ = true;
  bool sent_ = true;
  bool hasCredentials_ = false;
  WifiCredentials credentials_ = {};
  UploadOutcome upload_ = UploadOutcome::running;
  uint16_t uploadStatus_ = 0;
  // The record of a cancelled upload is still to come; it says nothing any more.
  bool isCancelled_ = false;
  JoinOutcome join_ = JoinOutcome::running;
};

// Answers the exit status.
int runLockStep(const char *folder);

}  // namespace skyfeeder
