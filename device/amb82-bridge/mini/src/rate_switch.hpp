// The negotiation of a faster rate, at the end that answers (docs/link.md, "Rate").
#pragma once

#include "link_frame.hpp"
#include "link_hello.hpp"

namespace skyfeeder {

constexpr uint8_t kProbes = 3;

// Bits per second u32, step u8.
constexpr size_t kRatePayloadBytes = 5;
enum RateStep : uint8_t { kPropose = 0, kAccept = 1 };
// Number u8, echo u8, and what a wire finds hardest: a bit that changes each time.
constexpr size_t kProbePayloadBytes = 32;
enum ProbeEcho : uint8_t { kProbe = 0, kEcho = 1 };

class RateSwitch {
 public:
  uint32_t rate() const { return rate_; }
  // Between proposal and decision no numbered frame begins; what is in flight is brought to its end.
  bool mayBegin() const { return state_ == State::steady; }
  // The accept is the last frame at its rate.
  bool isSilent() const { return state_ == State::switching; }

  // A new start of either end.
  void reset();

  void proposed(uint32_t rate, Millis nowMs);
  void probed(uint8_t number);
  // The next two answer whether a frame is due, once.
  bool takeAccept(bool inFlight, uint32_t *rate);
  bool takeEcho(uint8_t *number);

  void heardIntact();
  void heardNoise(Millis nowMs);
  // Goes on, or back; `sent`: the transmitter has drained; `waitingSinceMs`: for an acknowledgement, kNever for none.
  void step(Millis nowMs, bool sent, Millis waitingSinceMs, Millis heardAtMs);
  Millis nextDueMs(Millis waitingSinceMs, Millis heardAtMs) const;

 private:
  enum class State : uint8_t { steady, proposed, switching, proving };

  static Millis deafAtMs(Millis waitingSinceMs, Millis heardAtMs);
  void fallBack();

  State state_ = State::steady;
  uint32_t rate_ = kBaseRate;
  uint32_t proposedRate_ = kBaseRate;
  // Of a proposal: when the feeder takes it back; of a switch: when it must be proved.
  Millis deadlineMs_ = 0;
  uint8_t probesSeen_ = 0;
  uint8_t echoesDue_ = 0;
  bool isNoisy_ = false;
  Millis noisySinceMs_ = 0;
};

}  // namespace skyfeeder
