// A clip of JPEGs in an AVI (Motion JPEG), written into a buffer of the caller's as the frames come.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

class AviClip {
 public:
  AviClip(uint8_t *into, size_t capacityBytes) : into_(into), capacityBytes_(capacityBytes) {}

  // False: it is full, or this is no JPEG; the clip is as it was.
  bool addFrame(const uint8_t *jpeg, size_t lengthBytes);
  // `durationMs`: from the first frame to the end of the last, which tells the rate they really came at. Answers the
  // length of the file, 0 when it has no frame.
  size_t finish(uint32_t durationMs);

  uint32_t frames() const { return frames_; }

 private:
  bool begin(const uint8_t *jpeg, size_t lengthBytes);
  size_t indexBytes(uint32_t frames) const;
  void writeIndex();
  void writeHeaders(uint32_t durationMs);
  uint8_t *writeStreamHeaders(uint8_t *at, uint32_t durationMs) const;

  uint8_t *into_;
  size_t capacityBytes_;
  size_t lengthBytes_ = 0;
  uint32_t frames_ = 0;
  uint32_t largestFrameBytes_ = 0;
  uint16_t width_ = 0;
  uint16_t height_ = 0;
};

// Of the picture in a JPEG; false when it is none.
bool jpegSize(const uint8_t *jpeg, size_t lengthBytes, uint16_t *width, uint16_t *height);

}  // namespace skyfeeder
