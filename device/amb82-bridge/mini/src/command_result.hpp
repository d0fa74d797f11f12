// What is to be said to the feeder about its commands, until the link has room for it.
#pragma once

#include "link_frame.hpp"
#include "object_shelf.hpp"

namespace skyfeeder {

// Why a command was refused or failed (docs/link.md); null: it succeeded.
using Reason = const char *;
constexpr Reason kOk = nullptr;
constexpr Reason kStillFailed = "still_failed";
constexpr Reason kClipFailed = "clip_failed";
constexpr Reason kBusy = "busy";
constexpr Reason kNoMemory = "no_memory";
constexpr Reason kNoObject = "no_object";
constexpr Reason kNoWifi = "no_wifi";
constexpr Reason kJoinFailed = "join_failed";
constexpr Reason kConnectFailed = "connect_failed";
constexpr Reason kTimeout = "timeout";
constexpr Reason kClosed = "closed";
constexpr Reason kRefused = "refused";
constexpr Reason kBadUrl = "bad_url";
constexpr Reason kSsidLength = "ssid_length";
constexpr Reason kPassphraseLength = "passphrase_length";
constexpr Reason kNoStage = "no_stage";
constexpr Reason kStoreFailed = "store_failed";
constexpr Reason kUnknownOp = "unknown_op";

constexpr size_t kOpBytesMax = 16;

struct CommandResult {
  char op[kOpBytesMax + 1];
  Reason reason;
  // Each is left out when it is empty or 0.
  char captureId[kCaptureIdBytesMax + 1];
  uint32_t objectId;
  uint16_t httpStatus;
  const char *wifi;
  // With wifi.
  uint64_t uptimeMs;
  size_t objects;
};

CommandResult resultOf(const char *op, Reason reason);
// Answers its length, 0 when it has no room.
size_t writeResult(const CommandResult &result, uint8_t *into, size_t capacityBytes);

class ResultQueue {
 public:
  bool isEmpty() const { return count_ == 0; }
  bool isFull() const { return count_ == kResultsMax; }
  // Only while it is not full.
  void push(const CommandResult &result);
  CommandResult pop();
  void clear() { count_ = 0; }

 private:
  // A feeder has one command under way, seldom two.
  static constexpr size_t kResultsMax = 8;

  CommandResult results_[kResultsMax] = {};
  size_t first_ = 0;
  size_t count_ = 0;
};

}  // namespace skyfeeder
