// Stills and clips, each in memory of its own until it is released.
#pragma once

#include "background_job.hpp"
#include "src/camera_hardware.hpp"
#include "src/object_shelf.hpp"

namespace skyfeeder {

class Amb82Capture final : public BackgroundJob {
 public:
  static constexpr uint32_t kClipSecondsMax = 8;

  Amb82Capture();
  bool startStill(uint32_t quality);
  bool startClip(uint32_t seconds, uint32_t quality);
  bool take(Media *media);
  void release(const uint8_t *bytes);
  // Before deep sleep; gives up on a camera that hangs.
  void close();

 private:
  enum class Task : uint8_t { still, clip, close };

  struct Place {
    uint8_t *bytes;
    bool held;
  };

  void prepare() override;
  void work() override;
  bool startIn(Place *places, size_t count, Task task, uint32_t withinMs);
  bool isReadyFor(uint32_t quality) const { return isOpen_.load() && quality == openQuality_; }
  void recordClip();

  // The one that is being uploaded, and the next visit's.
  static constexpr size_t kClipsMax = 2;

  Place stills_[kObjectsMax];
  Place clips_[kClipsMax];
  std::atomic<bool> isOpen_{false};
  // Written by the task while it works, read when it is free.
  uint32_t openQuality_ = kQualityUsual;

  // Of the task while it works.
  Task task_ = Task::still;
  uint32_t clipSeconds_ = 0;
  uint32_t quality_ = kQualityUsual;
  Place *place_ = nullptr;
  size_t lengthBytes_ = 0;
};

}  // namespace skyfeeder
