#include "wifi_stage.hpp"

#include <cstring>

#include "json_text.hpp"

namespace skyfeeder {

namespace {

constexpr Millis kStageMs = 60000;
constexpr size_t kPassphraseBytesMin = 8;
constexpr size_t kPassphraseBytesMax = 63;
constexpr size_t kKeyDigits = 64;

bool isKey(const char *text) {
  for (size_t at = 0; at < kKeyDigits; at++) {
    if (hexDigitValue(static_cast<uint8_t>(text[at])) > 15) return false;
  }
  return true;
}

bool isPassphrase(const char *text) {
  const size_t length = strlen(text);
  if (length == kKeyDigits) return isKey(text);
  return length == 0 || (length >= kPassphraseBytesMin && length <= kPassphraseBytesMax);
}

}  // namespace

const char *WifiStage::name() const {
  if (state_ == State::staged) return "staged";
  return ready_ ? "ready" : "none";
}

// Lengths are of the bytes that go over the air: an escape is six characters for one to three of them.
Reason WifiStage::stage(JsonValue command) {
  if (state_ == State::joining) return kBusy;
  WifiCredentials wanted = {};
  const JsonValue ssid = jsonMember(command, "ssid");
  if (!jsonText(ssid, wanted.ssid, sizeof(wanted.ssid)) || wanted.ssid[0] == '\0') {
    return kSsidLength;
  }
  const JsonValue passphrase = jsonMember(command, "passphrase");
  const bool fits = jsonText(passphrase, wanted.passphrase, sizeof(wanted.passphrase));
  if (!fits || !isPassphrase(wanted.passphrase)) return kPassphraseLength;
  if (!board_.startJoin(wanted)) return kBusy;
  staged_ = wanted;
  state_ = State::joining;
  return kOk;
}

Reason WifiStage::commit() {
  if (state_ != State::staged) return kNoStage;
  if (!board_.storeCredentials(staged_)) return kStoreFailed;
  committed_ = staged_;
  ready_ = true;
  state_ = State::none;
  return kOk;
}

Reason WifiStage::abort() {
  if (state_ != State::staged) return kNoStage;
  state_ = State::none;
  return kOk;
}

bool WifiStage::poll(Millis nowMs, Reason *reason) {
  if (nowMs >= nextDueMs()) state_ = State::none;
  if (state_ != State::joining) return false;
  const JoinOutcome outcome = board_.pollJoin();
  if (outcome == JoinOutcome::running) return false;
  const bool joined = outcome == JoinOutcome::joined;
  state_ = joined ? State::staged : State::none;
  dropAtMs_ = nowMs + kStageMs;
  *reason = joined ? kOk : kJoinFailed;
  return true;
}

}  // namespace skyfeeder
