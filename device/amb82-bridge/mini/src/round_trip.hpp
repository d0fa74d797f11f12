// How long an acknowledgement may take before its frame is taken for lost: RFC 6298.
#pragma once

#include <cstdint>

namespace skyfeeder {

class RoundTrip {
 public:
  uint32_t timeoutMs() const { return timeoutMs_; }

  // The rate has changed: what was measured is void.
  void reset();
  // From the frame's last bit to its acknowledgement; never of a frame that was sent twice (Karn).
  void measured(uint32_t roundTripMs);
  void timedOut();

 private:
  // A wire has no Internet's second: two polls of 10 ms at either end, and a garbage collection.
  static constexpr uint32_t kMinMs = 50;
  static constexpr uint32_t kMaxMs = 1000;
  static constexpr uint32_t kFirstMs = 300;

  bool known_ = false;
  uint32_t smoothedEighths_ = 0;
  uint32_t variationQuarters_ = 0;
  uint32_t timeoutMs_ = kFirstMs;
};

}  // namespace skyfeeder
