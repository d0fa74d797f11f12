#include "round_trip.hpp"

namespace skyfeeder {

namespace {

uint32_t distance(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

}  // namespace

void RoundTrip::reset() { *this = RoundTrip(); }

void RoundTrip::measured(uint32_t roundTripMs) {
  // Beyond the longest time-out nothing changes any more, and the sums stay small.
  const uint32_t sampleMs = roundTripMs < kMaxMs ? roundTripMs : kMaxMs;
  if (!known_) {
    known_ = true;
    smoothedEighths_ = sampleMs * 8;
    variationQuarters_ = sampleMs * 2;
  } else {
    const uint32_t differenceMs = distance(smoothedEighths_ / 8, sampleMs);
    variationQuarters_ = variationQuarters_ - variationQuarters_ / 4 + differenceMs;
    smoothedEighths_ = smoothedEighths_ - smoothedEighths_ / 8 + sampleMs;
  }
  const uint32_t wantedMs = smoothedEighths_ / 8 + variationQuarters_;
  timeoutMs_ = wantedMs < kMinMs ? kMinMs : wantedMs > kMaxMs ? kMaxMs : wantedMs;
}

void RoundTrip::timedOut() { timeoutMs_ = timeoutMs_ * 2 < kMaxMs ? timeoutMs_ * 2 : kMaxMs; }

}  // namespace skyfeeder
