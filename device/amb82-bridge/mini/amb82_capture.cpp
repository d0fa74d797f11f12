#include "amb82_capture.hpp"

#include "amb82_camera.hpp"
#include "src/avi_clip.hpp"

extern "C" {
#include "FreeRTOS.h"
#include "task.h"
}

namespace skyfeeder {

namespace {

// VGA JPEGs of this camera were seen from 16.8 to 22.3 kB. The longest clip has room for 80 of 32 kB.
constexpr size_t kJpegBytesMax = 96 * 1024;
constexpr size_t kClipBytesMax = 2560 * 1024;
constexpr uint32_t kFrameMs = 100;
constexpr uint32_t kFramesMax = Amb82Capture::kClipSecondsMax * 1000 / kFrameMs;

constexpr uint32_t kStillMs = 3000;
// What the sensor's start may take: the first capture after a wake waits for it, and one of another quality.
constexpr uint32_t kOpenMs = 4000;
constexpr uint32_t kCloseMs = 1000;

uint8_t stillBytes[kObjectsMax][kJpegBytesMax];
uint8_t clipBytes[2][kClipBytesMax];
uint8_t frameBytes[kJpegBytesMax];

}  // namespace

Amb82Capture::Amb82Capture() {
  static_assert(sizeof(clipBytes) == kClipsMax * kClipBytesMax, "a place for each clip");
  for (size_t at = 0; at < kObjectsMax; at++) stills_[at] = {stillBytes[at], false};
  for (size_t at = 0; at < kClipsMax; at++) clips_[at] = {clipBytes[at], false};
}

void Amb82Capture::prepare() {
  openCamera(kQualityUsual);
  isOpen_.store(true);
}

void Amb82Capture::work() {
  if (task_ != Task::close && quality_ != openQuality_) {
    reopenCamera(quality_);
    openQuality_ = quality_;
  }
  switch (task_) {
    case Task::still: lengthBytes_ = takeJpeg(place_->bytes, kJpegBytesMax); break;
    case Task::clip: recordClip(); break;
    case Task::close: closeCamera(); break;
  }
}

// A sensor that falls silent in the middle ends the clip: what came before is worth keeping.
void Amb82Capture::recordClip() {
  AviClip clip(place_->bytes, kClipBytesMax);
  const TickType_t startTick = xTaskGetTickCount();
  TickType_t frameTick = startTick;
  TickType_t lengthTicks = 0;
  while (clip.frames() < kFramesMax && lengthTicks < pdMS_TO_TICKS(clipSeconds_ * 1000)) {
    const size_t jpegBytes = takeJpeg(frameBytes, kJpegBytesMax);
    if (jpegBytes == 0 || !clip.addFrame(frameBytes, jpegBytes)) break;
    vTaskDelayUntil(&frameTick, pdMS_TO_TICKS(kFrameMs));
    lengthTicks = xTaskGetTickCount() - startTick;
  }
  lengthBytes_ = clip.finish(lengthTicks * portTICK_PERIOD_MS);
}

bool Amb82Capture::startStill(uint32_t quality) {
  if (!isFree()) return false;
  quality_ = quality;
  return startIn(stills_, kObjectsMax, Task::still, kStillMs);
}

bool Amb82Capture::startClip(uint32_t seconds, uint32_t quality) {
  if (!isFree()) return false;
  clipSeconds_ = seconds;
  quality_ = quality;
  return startIn(clips_, kClipsMax, Task::clip, clipSeconds_ * 1000 + kStillMs);
}

bool Amb82Capture::startIn(Place *places, size_t count, Task task, uint32_t withinMs) {
  if (!isFree()) return false;
  // Of a job that was late and has returned since.
  if (place_ != nullptr) place_->held = false;
  place_ = nullptr;
  for (size_t at = 0; at < count && place_ == nullptr; at++) {
    if (!places[at].held) place_ = places + at;
  }
  if (place_ == nullptr) return false;
  place_->held = true;
  task_ = task;
  start(isReadyFor(quality_) ? withinMs : withinMs + kOpenMs);
  return true;
}

bool Amb82Capture::take(Media *media) {
  *media = Media();
  const Progress progress = poll();
  if (progress == Progress::running) return false;
  if (progress == Progress::late) return true;
  if (lengthBytes_ > 0) {
    *media = {place_->bytes, lengthBytes_};
  } else {
    place_->held = false;
  }
  place_ = nullptr;
  return true;
}

void Amb82Capture::release(const uint8_t *bytes) {
  for (Place &place : stills_) {
    if (place.bytes == bytes) place.held = false;
  }
  for (Place &place : clips_) {
    if (place.bytes == bytes) place.held = false;
  }
}

void Amb82Capture::close() {
  if (!isFree() || !isOpen_.load()) return;
  task_ = Task::close;
  start(kCloseMs);
  while (poll() == Progress::running) vTaskDelay(1);
}

}  // namespace skyfeeder
