#include "amb82_network.hpp"

#include <WiFi.h>

#include "tcp_upload.hpp"

namespace skyfeeder {

namespace {

// The SDK gives the access point 20 s, and an address about as long.
constexpr uint32_t kJoinMs = 45000;

}  // namespace

bool Amb82Network::join() {
  const bool isOpen = network_.passphrase[0] == '\0';
  const int status =
      isOpen ? WiFi.begin(network_.ssid) : WiFi.begin(network_.ssid, network_.passphrase);
  return status == WL_CONNECTED;
}

UploadOutcome Amb82Network::upload() {
  if (!isJoined_) return UploadOutcome::joinFailed;
  // Late, the bytes may belong to another capture by now.
  return isAwaited() ? uploadOverTcp(put_) : UploadOutcome::timeout;
}

void Amb82Network::work() {
  outcome_ = UploadOutcome::badUrl;
  if (isUpload_ && !isSendable_) return;
  isJoined_ = join();
  if (isUpload_) outcome_ = upload();
  if (isJoined_) WiFi.disconnect();
}

bool Amb82Network::startUpload(const WifiCredentials &network, const UploadRequest &request) {
  if (!isFree()) return false;
  network_ = network;
  isUpload_ = true;
  isSendable_ = put_.begin(request);
  start(kJoinMs + kUploadMs);
  return true;
}

UploadOutcome Amb82Network::pollUpload(uint16_t *status) {
  const Progress progress = poll();
  if (progress == Progress::running) return UploadOutcome::running;
  if (progress == Progress::late) return UploadOutcome::timeout;
  *status = put_.status();
  return outcome_;
}

bool Amb82Network::startJoin(const WifiCredentials &network) {
  if (!isFree()) return false;
  network_ = network;
  isUpload_ = false;
  start(kJoinMs);
  return true;
}

JoinOutcome Amb82Network::pollJoin() {
  const Progress progress = poll();
  if (progress == Progress::running) return JoinOutcome::running;
  return progress == Progress::finished && isJoined_ ? JoinOutcome::joined : JoinOutcome::failed;
}

}  // namespace skyfeeder
