#include "amb82_hardware.hpp"

#include <Arduino.h>
#include <PowerMode.h>

#include "boot_count.hpp"
#include "kept_credentials.hpp"

extern "C" {
#include "FreeRTOS.h"
#include "sys_api.h"
#include "task.h"
#include "trng_api.h"
#include "wdt_api.h"
}

namespace skyfeeder {

namespace {

// PowerMode has no names for them. PA_2 is pin 21 of the board (docs/hardware.md).
constexpr int kWakeByPin = 1;
constexpr uint32_t kNoRetention = 0;
constexpr uint32_t kWakePin = 21;

// A full transmitter at 115200 takes 182 ms.
constexpr uint32_t kLastBytesMs = 250;
constexpr uint32_t kAsleepMs = 1000;

// The longest that loop() takes is the hash of a clip, and erasing a sector of flash.
constexpr uint32_t kWatchdogMs = 8000;

}  // namespace

// The camera before the link, so that its start is under way when a photo is asked for; before it
// the flash, which the start of the camera keeps busy. Wi-Fi waits until there is a clip to send.
void Amb82Hardware::begin() {
  bootCount_ = countBoot();
  capture_.begin("capture");
  network_.begin("network");
  uart_.begin(xTaskGetCurrentTaskHandle());
  watchdog_init(kWatchdogMs);
  watchdog_start();
}

uint64_t Amb82Hardware::nowMs() {
  const uint32_t tick = xTaskGetTickCount();
  if (tick < lastTick_) wrappedMs_ += 1ULL << 32;
  lastTick_ = tick;
  return wrappedMs_ + tick;
}

size_t Amb82Hardware::uartRead(uint8_t *into, size_t capacityBytes) {
  return uart_.read(into, capacityBytes);
}

void Amb82Hardware::feedWatchdog() { watchdog_refresh(); }

void Amb82Hardware::waitForByte() { ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(1)); }

size_t Amb82Hardware::uartWrite(const uint8_t *bytes, size_t lengthBytes) {
  return uart_.write(bytes, lengthBytes);
}

bool Amb82Hardware::uartSent() { return uart_.isSent(); }

void Amb82Hardware::uartSetRate(uint32_t bitsPerSecond) { uart_.setRate(bitsPerSecond); }

bool Amb82Hardware::startStill(uint32_t quality) {
  releaseLate();
  return capture_.startStill(quality);
}

bool Amb82Hardware::startClip(uint32_t seconds, uint32_t quality) {
  releaseLate();
  return capture_.startClip(seconds, quality);
}

bool Amb82Hardware::pollCapture(Media *media) { return capture_.take(media); }

// Another upload starts only when the task of the late one has returned: there is one at most.
void Amb82Hardware::releaseMedia(const uint8_t *bytes) {
  if (network_.isReading(bytes)) lateBytes_ = bytes;
  else capture_.release(bytes);
}

void Amb82Hardware::releaseLate() {
  if (lateBytes_ == nullptr || network_.isReading(lateBytes_)) return;
  capture_.release(lateBytes_);
  lateBytes_ = nullptr;
}

bool Amb82Hardware::startUpload(const WifiCredentials &network, const UploadRequest &request) {
  releaseLate();
  return network_.startUpload(network, request);
}

UploadOutcome Amb82Hardware::pollUpload(uint16_t *status) { return network_.pollUpload(status); }

void Amb82Hardware::cancelUpload() { network_.cancelUpload(); }

bool Amb82Hardware::startJoin(const WifiCredentials &network) {
  return network_.startJoin(network);
}

JoinOutcome Amb82Hardware::pollJoin() { return network_.pollJoin(); }

bool Amb82Hardware::loadCredentials(WifiCredentials *credentials) {
  return loadKeptCredentials(credentials);
}

bool Amb82Hardware::storeCredentials(const WifiCredentials &credentials) {
  return keepCredentials(credentials);
}

// The count alone would come again after the flash was erased, chance alone might.
uint64_t Amb82Hardware::bootNumber() {
  trng_init();
  return static_cast<uint64_t>(bootCount_) << 32 | trng_get_rand();
}

void Amb82Hardware::deepSleep() {
  for (uint32_t waitedMs = 0; waitedMs < kLastBytesMs && !uart_.isSent(); waitedMs++) delay(1);
  capture_.close();
  uart_.end();
  PowerMode.begin(DEEPSLEEP_MODE, kWakeByPin, kNoRetention, kWakePin);
  // Last: it is of the power domain that stays on in deep sleep, and would end that.
  watchdog_stop();
  PowerMode.start();
  // Still here means awake without a link: start anew, and be told to sleep again.
  delay(kAsleepMs);
  sys_reset();
  for (;;) delay(kAsleepMs);
}

}  // namespace skyfeeder
