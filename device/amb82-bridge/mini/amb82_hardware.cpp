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

}  // namespace

// The camera before the link, so that its start is under way when a photo is asked for; before it
// the flash, which the start of the camera keeps busy. Wi-Fi waits until there is a clip to send.
void Amb82Hardware::begin() {
  bootCount_ = countBoot();
  capture_.begin("capture");
  network_.begin("network");
  uart_.begin(xTaskGetCurrentTaskHandle());
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

void Amb82Hardware::waitForByte() { ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(1)); }

size_t Amb82Hardware::uartWrite(const uint8_t *bytes, size_t lengthBytes) {
  return uart_.write(bytes, lengthBytes);
}

bool Amb82Hardware::uartSent() { return uart_.isSent(); }

void Amb82Hardware::uartSetRate(uint32_t bitsPerSecond) { uart_.setRate(bitsPerSecond); }

bool Amb82Hardware::startStill() { return capture_.startStill(); }

bool Amb82Hardware::startClip(uint32_t seconds) { return capture_.startClip(seconds); }

bool Amb82Hardware::pollCapture(Media *media) { return capture_.take(media); }

void Amb82Hardware::releaseMedia(const uint8_t *bytes) { capture_.release(bytes); }

bool Amb82Hardware::startUpload(const WifiCredentials &network, const UploadRequest &request) {
  return network_.startUpload(network, request);
}

UploadOutcome Amb82Hardware::pollUpload(uint16_t *status) { return network_.pollUpload(status); }

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
  PowerMode.start();
  // Still here means awake without a link: start anew, and be told to sleep again.
  delay(kAsleepMs);
  sys_reset();
  for (;;) delay(kAsleepMs);
}

}  // namespace skyfeeder
