// The networks: the one that is used, and one that was tried and waits to be committed.
#pragma once

#include "camera_hardware.hpp"
#include "command_result.hpp"
#include "json_reader.hpp"
#include "link_frame.hpp"

namespace skyfeeder {

class WifiStage {
 public:
  explicit WifiStage(CameraHardware &board) : board_(board) {}

  void start() { ready_ = board_.loadCredentials(&committed_); }

  bool isJoining() const { return state_ == State::joining; }
  bool isReady() const { return ready_; }
  const WifiCredentials &network() const { return committed_; }
  const char *name() const;

  // Why not, or kOk: then the network is tried.
  Reason stage(JsonValue command);
  Reason commit();
  Reason abort();
  // True when the network was tried.
  bool poll(Millis nowMs, Reason *reason);
  Millis nextDueMs() const { return state_ == State::staged ? dropAtMs_ : kNever; }

 private:
  enum class State : uint8_t { none, joining, staged };

  CameraHardware &board_;
  State state_ = State::none;
  WifiCredentials staged_ = {};
  Millis dropAtMs_ = 0;
  WifiCredentials committed_ = {};
  bool ready_ = false;
};

}  // namespace skyfeeder
