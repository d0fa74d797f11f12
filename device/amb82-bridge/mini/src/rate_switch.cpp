#include "rate_switch.hpp"

namespace skyfeeder {

namespace {

// The feeder repeats its proposal as often.
constexpr Millis kProposalMs = 300;
constexpr Millis kProveMs = 200;
constexpr Millis kDeafMs = 500;
constexpr uint8_t kAllProbes = (1 << kProbes) - 1;

bool isOffered(uint32_t wanted) {
  for (const uint32_t rate : kRates) {
    if (rate == wanted) return true;
  }
  return false;
}

}  // namespace

void RateSwitch::reset() { *this = RateSwitch(); }

void RateSwitch::proposed(uint32_t rate, Millis nowMs) {
  // While switching the feeder repeats itself, because our accept is still on its way.
  if (state_ == State::switching || !isOffered(rate)) return;
  state_ = State::proposed;
  proposedRate_ = rate;
  deadlineMs_ = nowMs + kProposalMs;
}

void RateSwitch::probed(uint8_t number) {
  if (number < 1 || number > kProbes) return;
  const uint8_t bit = static_cast<uint8_t>(1 << (number - 1));
  echoesDue_ |= bit;
  if (state_ != State::proving) return;
  probesSeen_ |= bit;
  if (probesSeen_ == kAllProbes) state_ = State::steady;
}

bool RateSwitch::takeAccept(bool inFlight, uint32_t *rate) {
  if (state_ != State::proposed || inFlight) return false;
  state_ = State::switching;
  *rate = proposedRate_;
  return true;
}

bool RateSwitch::takeEcho(uint8_t *number) {
  for (uint8_t bit = 0; bit < kProbes; bit++) {
    if (((echoesDue_ >> bit) & 1) == 0) continue;
    echoesDue_ = static_cast<uint8_t>(echoesDue_ & ~(1 << bit));
    *number = static_cast<uint8_t>(bit + 1);
    return true;
  }
  return false;
}

void RateSwitch::heardIntact() { isNoisy_ = false; }

// Noise a second time: after a lone glitch on a quiet line there is nothing to repair.
void RateSwitch::heardNoise(Millis nowMs) {
  if (!isNoisy_) {
    isNoisy_ = true;
    noisySinceMs_ = nowMs;
  } else if (state_ == State::steady && nowMs - noisySinceMs_ >= kDeafMs) {
    fallBack();
  }
}

void RateSwitch::step(Millis nowMs, bool sent, Millis waitingSinceMs, Millis heardAtMs) {
  switch (state_) {
    case State::steady:
      if (nowMs >= nextDueMs(waitingSinceMs, heardAtMs)) fallBack();
      return;
    case State::proposed:
      if (nowMs >= deadlineMs_) state_ = State::steady;
      return;
    case State::switching:
      if (!sent) return;
      state_ = State::proving;
      rate_ = proposedRate_;
      probesSeen_ = 0;
      isNoisy_ = false;
      deadlineMs_ = nowMs + kProveMs;
      return;
    case State::proving:
      if (nowMs >= deadlineMs_) fallBack();
  }
}

Millis RateSwitch::deafAtMs(Millis waitingSinceMs, Millis heardAtMs) {
  if (waitingSinceMs == kNever) return kNever;
  return (waitingSinceMs > heardAtMs ? waitingSinceMs : heardAtMs) + kDeafMs;
}

Millis RateSwitch::nextDueMs(Millis waitingSinceMs, Millis heardAtMs) const {
  if (state_ == State::switching) return kNever;
  if (state_ != State::steady) return deadlineMs_;
  return rate_ == kBaseRate ? kNever : deafAtMs(waitingSinceMs, heardAtMs);
}

void RateSwitch::fallBack() {
  state_ = State::steady;
  rate_ = kBaseRate;
  echoesDue_ = 0;
  isNoisy_ = false;
}

}  // namespace skyfeeder
