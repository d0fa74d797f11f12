// When what was handed to the transmitter has left it, reckoned from the rate.
#pragma once

#include "link_frame.hpp"

namespace skyfeeder {

class LineClock {
 public:
  void setRate(uint32_t bitsPerSecond) { bitsPerSecond_ = bitsPerSecond; }

  // The next frame is chosen as late as the line allows, so that control waits for one frame of bulk at most.
  bool isOpen(Millis nowMs) const { return openAtMs() <= nowMs; }

  Millis openAtMs() const {
    const Millis freeMs = freeAtMicros_ / 1000;
    return freeMs > kLeadMs ? freeMs - kLeadMs : 0;
  }

  // Answers when their last bit leaves.
  Millis took(size_t lengthBytes, Millis nowMs) {
    const uint64_t nowMicros = nowMs * 1000;
    if (freeAtMicros_ < nowMicros) freeAtMicros_ = nowMicros;
    freeAtMicros_ += lengthBytes * kBitsPerByte * 1000000 / bitsPerSecond_;
    return freeAtMicros_ / 1000;
  }

 private:
  // 16 bytes at 115200 are 1.4 ms, and a clock of milliseconds may be one late.
  static constexpr Millis kLeadMs = 3;
  // 8N1.
  static constexpr uint64_t kBitsPerByte = 10;

  uint32_t bitsPerSecond_ = 115200;
  uint64_t freeAtMicros_ = 0;
};

}  // namespace skyfeeder
