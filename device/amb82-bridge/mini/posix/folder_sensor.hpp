// The camera's sensor on a computer: a folder's pictures in the order of their names, round and round. Those called
// NAME.q1.jpg to NAME.q9.jpg are for stills and clips of this quality alone; the others are for any that has none.
#pragma once

#include <memory>
#include <vector>

#include "../src/camera_hardware.hpp"
#include "../src/link_frame.hpp"

namespace skyfeeder {

class FolderSensor {
 public:
  // Reads *.jpg and the first *.avi; false when there is no such folder.
  bool load(const char *folder);

  static constexpr uint32_t kClipSecondsMax = 60;

  // The board has started: nothing runs and nothing is held.
  void restart();
  bool startStill(uint32_t quality, Millis nowMs);
  bool startClip(uint32_t seconds, uint32_t quality, Millis nowMs);
  bool poll(Media *media, Millis nowMs);
  void release(const uint8_t *bytes);
  Millis dueMs() const { return running_ == Running::none ? kNever : overAtMs_; }
  // Of the capture that was polled last.
  bool tookClip() const { return tookClip_; }

 private:
  enum class Running : uint8_t { none, still, clip };
  using File = std::vector<uint8_t>;

  struct ClipBuffer {
    std::unique_ptr<uint8_t[]> bytes;
    bool taken;
  };

  // As many clips as a feeder leaves lying; each is as long as the camera's memory would hold.
  static constexpr size_t kClipBuffers = 4;
  static constexpr size_t kClipBytesMax = 16u << 20;

  Media nextStill();
  Media makeClip();

  // By quality; 0 are those for any.
  std::vector<File> stills_[kQualityMax + 1];
  File recordedClip_;
  ClipBuffer clips_[kClipBuffers] = {};
  size_t nextStill_ = 0;
  Running running_ = Running::none;
  uint32_t seconds_ = 0;
  uint32_t quality_ = 0;
  Millis overAtMs_ = 0;
  bool tookClip_ = false;
};

bool readFile(const char *path, std::vector<uint8_t> *bytes);

}  // namespace skyfeeder
