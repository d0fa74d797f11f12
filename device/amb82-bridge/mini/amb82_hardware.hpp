// The AMB82-Mini as the camera's session sees it.
#pragma once

#include "amb82_capture.hpp"
#include "amb82_network.hpp"
#include "amb82_uart.hpp"
#include "src/camera_hardware.hpp"

namespace skyfeeder {

class Amb82Hardware final : public CameraHardware {
 public:
  // From the task that will call the rest.
  void begin();
  // Of uptime; more often than every 49 days, or it loses those.
  uint64_t nowMs();
  size_t uartRead(uint8_t *into, size_t capacityBytes);
  // Not called for 8 s, the board starts anew.
  void feedWatchdog();
  // Until a byte arrives, or for a millisecond: nothing else on this board says when it is done.
  void waitForByte();

  size_t uartWrite(const uint8_t *bytes, size_t lengthBytes) override;
  bool uartSent() override;
  void uartSetRate(uint32_t bitsPerSecond) override;

  uint32_t clipSecondsMax() override { return Amb82Capture::kClipSecondsMax; }
  bool startStill(uint32_t quality) override;
  bool startClip(uint32_t seconds, uint32_t quality) override;
  bool pollCapture(Media *media) override;
  void releaseMedia(const uint8_t *bytes) override;

  bool startUpload(const WifiCredentials &network, const UploadRequest &request) override;
  UploadOutcome pollUpload(uint16_t *status) override;
  void cancelUpload() override;
  bool startJoin(const WifiCredentials &network) override;
  JoinOutcome pollJoin() override;

  bool loadCredentials(WifiCredentials *credentials) override;
  bool storeCredentials(const WifiCredentials &credentials) override;

  uint64_t bootNumber() override;
  void deepSleep() override;

 private:
  void releaseLate();

  Amb82Uart uart_;
  Amb82Capture capture_;
  Amb82Network network_;
  // Of an upload that was late: released when its task has returned.
  const uint8_t *lateBytes_ = nullptr;
  uint32_t bootCount_ = 0;
  uint32_t lastTick_ = 0;
  uint64_t wrappedMs_ = 0;
};

}  // namespace skyfeeder
