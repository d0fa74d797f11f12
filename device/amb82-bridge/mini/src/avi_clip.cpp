#include "avi_clip.hpp"

#include <cstring>

#include "little_endian.hpp"

namespace skyfeeder {

namespace {

constexpr size_t kChunkHeadBytes = 8;
constexpr size_t kMainHeaderBytes = 56;
constexpr size_t kStreamHeaderBytes = 56;
constexpr size_t kFormatBytes = 40;
constexpr size_t kStreamListBytes =
    4 + kChunkHeadBytes + kStreamHeaderBytes + kChunkHeadBytes + kFormatBytes;
constexpr size_t kHeaderListBytes =
    4 + kChunkHeadBytes + kMainHeaderBytes + kChunkHeadBytes + kStreamListBytes;
// RIFF and AVI, then the list of headers; the list of frames begins behind it.
constexpr size_t kMoviAt = 12 + kChunkHeadBytes + kHeaderListBytes;
constexpr size_t kFramesAt = kMoviAt + 12;
constexpr size_t kIndexEntryBytes = 16;
constexpr uint32_t kHasIndex = 0x10;
constexpr uint32_t kKeyFrame = 0x10;

size_t padded(size_t lengthBytes) { return lengthBytes + lengthBytes % 2; }

uint8_t *putTag(uint8_t *at, const char *tag) {
  memcpy(at, tag, 4);
  return at + 4;
}

uint8_t *putNumber(uint8_t *at, size_t value) {
  putUint32(at, static_cast<uint32_t>(value));
  return at + 4;
}

uint8_t *putChunk(uint8_t *at, const char *tag, size_t lengthBytes) {
  return putNumber(putTag(at, tag), lengthBytes);
}

uint8_t *putNumbers(uint8_t *at, const uint32_t *values, size_t count) {
  for (size_t index = 0; index < count; index++) at = putNumber(at, values[index]);
  return at;
}

uint16_t bigEndian16(const uint8_t *from) { return static_cast<uint16_t>(from[0] << 8 | from[1]); }

// Start of frame: C0 to CF, but for the tables and the reserved one among them.
bool isStartOfFrame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

}  // namespace

bool jpegSize(const uint8_t *jpeg, size_t lengthBytes, uint16_t *width, uint16_t *height) {
  if (lengthBytes < 4 || jpeg[0] != 0xff || jpeg[1] != 0xd8) return false;
  size_t at = 2;
  while (at + 9 <= lengthBytes && jpeg[at] == 0xff) {
    const uint8_t marker = jpeg[at + 1];
    if (isStartOfFrame(marker)) {
      *height = bigEndian16(jpeg + at + 5);
      *width = bigEndian16(jpeg + at + 7);
      return true;
    }
    at += 2 + static_cast<size_t>(bigEndian16(jpeg + at + 2));
  }
  return false;
}

size_t AviClip::indexBytes(uint32_t frames) const {
  return kChunkHeadBytes + kIndexEntryBytes * frames;
}

bool AviClip::begin(const uint8_t *jpeg, size_t lengthBytes) {
  if (!jpegSize(jpeg, lengthBytes, &width_, &height_)) return false;
  lengthBytes_ = kFramesAt;
  return true;
}

bool AviClip::addFrame(const uint8_t *jpeg, size_t lengthBytes) {
  if (frames_ == 0 && !begin(jpeg, lengthBytes)) return false;
  const size_t chunkBytes = kChunkHeadBytes + padded(lengthBytes);
  const size_t wantedBytes = lengthBytes_ + chunkBytes + indexBytes(frames_ + 1);
  if (wantedBytes > capacityBytes_) return false;
  uint8_t *at = putChunk(into_ + lengthBytes_, "00dc", lengthBytes);
  memcpy(at, jpeg, lengthBytes);
  if (lengthBytes % 2 == 1) at[lengthBytes] = 0;
  lengthBytes_ += chunkBytes;
  frames_++;
  if (lengthBytes > largestFrameBytes_) largestFrameBytes_ = static_cast<uint32_t>(lengthBytes);
  return true;
}

size_t AviClip::finish(uint32_t durationMs) {
  if (frames_ == 0) return 0;
  putChunk(into_ + kMoviAt, "LIST", lengthBytes_ - kMoviAt - kChunkHeadBytes);
  putTag(into_ + kMoviAt + kChunkHeadBytes, "movi");
  writeIndex();
  lengthBytes_ += indexBytes(frames_);
  writeHeaders(durationMs > 0 ? durationMs : 1);
  return lengthBytes_;
}

// The chunks' own lengths lead from one to the next: nothing had to be remembered. Offsets count from "movi".
void AviClip::writeIndex() {
  uint8_t *entry = putChunk(into_ + lengthBytes_, "idx1", kIndexEntryBytes * frames_);
  size_t frameAt = kFramesAt;
  for (uint32_t frame = 0; frame < frames_; frame++) {
    const uint32_t frameBytes = getUint32(into_ + frameAt + 4);
    entry = putChunk(entry, "00dc", kKeyFrame);
    entry = putNumber(entry, frameAt - (kMoviAt + kChunkHeadBytes));
    entry = putNumber(entry, frameBytes);
    frameAt += kChunkHeadBytes + padded(frameBytes);
  }
}

void AviClip::writeHeaders(uint32_t durationMs) {
  const uint32_t frameMicros = static_cast<uint32_t>(durationMs * uint64_t{1000} / frames_);
  const uint32_t bytesPerSecond = static_cast<uint32_t>(lengthBytes_ * uint64_t{1000} / durationMs);
  const uint32_t header[] = {frameMicros, bytesPerSecond, 0, kHasIndex, frames_, 0, 1,
                             largestFrameBytes_, width_, height_, 0, 0, 0, 0};
  static_assert(sizeof(header) == kMainHeaderBytes, "the main header of an AVI");
  uint8_t *at = putChunk(into_, "RIFF", lengthBytes_ - kChunkHeadBytes);
  at = putChunk(putTag(at, "AVI "), "LIST", kHeaderListBytes);
  at = putChunk(putTag(at, "hdrl"), "avih", kMainHeaderBytes);
  at = putNumbers(at, header, kMainHeaderBytes / 4);
  writeStreamHeaders(at, durationMs);
}

uint8_t *AviClip::writeStreamHeaders(uint8_t *at, uint32_t durationMs) const {
  // Frames per second is rate / scale: exact, however many came.
  const uint32_t scale = durationMs;
  const uint32_t rate = frames_ * 1000;
  constexpr uint32_t kDefaultQuality = UINT32_MAX;
  const uint32_t corner = width_ | (static_cast<uint32_t>(height_) << 16);
  const uint32_t stream[] = {0, 0, 0, scale, rate, 0, frames_, largestFrameBytes_,
                             kDefaultQuality, 0, 0, corner};
  static_assert(8 + sizeof(stream) == kStreamHeaderBytes, "the header of an AVI's stream");
  constexpr uint32_t kPlaneOf24Bits = 1 | (24 << 16);
  const uint32_t pictureBytes = uint32_t{3} * width_ * height_;
  at = putChunk(at, "LIST", kStreamListBytes);
  at = putChunk(putTag(at, "strl"), "strh", kStreamHeaderBytes);
  at = putNumbers(putTag(putTag(at, "vids"), "MJPG"), stream, sizeof(stream) / 4);
  const uint32_t format[] = {kFormatBytes, width_, height_, kPlaneOf24Bits};
  at = putNumbers(putChunk(at, "strf", kFormatBytes), format, sizeof(format) / 4);
  const uint32_t rest[] = {pictureBytes, 0, 0, 0, 0};
  return putNumbers(putTag(at, "MJPG"), rest, sizeof(rest) / 4);
}

}  // namespace skyfeeder
