#include "folder_sensor.hpp"

#include <algorithm>
#include <cstdio>
#include <dirent.h>
#include <string>

#include "../src/avi_clip.hpp"

namespace skyfeeder {

namespace {

// Exposure and JPEG encoding of one still; the end of a clip's file.
constexpr Millis kStillMs = 250;
constexpr Millis kClipEndMs = 200;
constexpr uint32_t kFramesPerSecond = 10;

bool endsWith(const std::string &name, const char *end) {
  const std::string wanted(end);
  return name.size() > wanted.size() &&
         name.compare(name.size() - wanted.size(), wanted.size(), wanted) == 0;
}

size_t qualityIn(const std::string &name) {
  for (size_t quality = 1; quality <= kQualityMax; quality++) {
    const std::string end = ".q" + std::to_string(quality) + ".jpg";
    if (endsWith(name, end.c_str())) return quality;
  }
  return 0;
}

bool listFolder(const char *folder, std::vector<std::string> *names) {
  DIR *directory = opendir(folder);
  if (directory == nullptr) return false;
  while (const dirent *entry = readdir(directory)) names->push_back(entry->d_name);
  closedir(directory);
  std::sort(names->begin(), names->end());
  return true;
}

}  // namespace

bool readFile(const char *path, std::vector<uint8_t> *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == nullptr) return false;
  uint8_t block[65536];
  size_t count;
  while ((count = fread(block, 1, sizeof(block), file)) > 0) {
    bytes->insert(bytes->end(), block, block + count);
  }
  const bool whole = ferror(file) == 0;
  fclose(file);
  return whole;
}

bool FolderSensor::load(const char *folder) {
  std::vector<std::string> names;
  if (!listFolder(folder, &names)) return false;
  for (const std::string &name : names) {
    const std::string path = std::string(folder) + "/" + name;
    File bytes;
    const bool isStill = endsWith(name, ".jpg");
    const bool isClip = endsWith(name, ".avi") && recordedClip_.empty();
    if ((!isStill && !isClip) || !readFile(path.c_str(), &bytes)) continue;
    if (isStill) stills_[qualityIn(name)].push_back(std::move(bytes));
    else recordedClip_ = std::move(bytes);
  }
  // Not filled with zeros: a page that no clip reaches costs nothing.
  for (ClipBuffer &clip : clips_) clip.bytes.reset(new uint8_t[kClipBytesMax]);
  return true;
}

void FolderSensor::restart() {
  running_ = Running::none;
  for (ClipBuffer &clip : clips_) clip.taken = false;
}

bool FolderSensor::startStill(uint32_t quality, Millis nowMs) {
  if (running_ != Running::none) return false;
  running_ = Running::still;
  quality_ = quality;
  overAtMs_ = nowMs + kStillMs;
  return true;
}

bool FolderSensor::startClip(uint32_t seconds, uint32_t quality, Millis nowMs) {
  if (running_ != Running::none) return false;
  running_ = Running::clip;
  seconds_ = seconds;
  quality_ = quality;
  overAtMs_ = nowMs + seconds * Millis{1000} + kClipEndMs;
  return true;
}

bool FolderSensor::poll(Media *media, Millis nowMs) {
  if (nowMs < dueMs()) return false;
  tookClip_ = running_ == Running::clip;
  *media = tookClip_ ? makeClip() : nextStill();
  running_ = Running::none;
  return true;
}

Media FolderSensor::nextStill() {
  const std::vector<File> &own = stills_[quality_];
  const std::vector<File> &stills = own.empty() ? stills_[0] : own;
  if (stills.empty()) return {};
  const File &still = stills[nextStill_++ % stills.size()];
  return {still.data(), still.size()};
}

Media FolderSensor::makeClip() {
  if (!recordedClip_.empty()) return {recordedClip_.data(), recordedClip_.size()};
  for (ClipBuffer &buffer : clips_) {
    if (buffer.taken) continue;
    AviClip clip(buffer.bytes.get(), kClipBytesMax);
    bool room = true;
    for (uint32_t frame = 0; room && frame < seconds_ * kFramesPerSecond; frame++) {
      const Media still = nextStill();
      room = still.bytes != nullptr && clip.addFrame(still.bytes, still.lengthBytes);
    }
    const size_t lengthBytes = clip.finish(clip.frames() * 1000 / kFramesPerSecond);
    if (lengthBytes == 0) return {};
    buffer.taken = true;
    return {buffer.bytes.get(), lengthBytes};
  }
  return {};
}

void FolderSensor::release(const uint8_t *bytes) {
  for (ClipBuffer &clip : clips_) {
    if (clip.bytes.get() == bytes) clip.taken = false;
  }
}

}  // namespace skyfeeder
