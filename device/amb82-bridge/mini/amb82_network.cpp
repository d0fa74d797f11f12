#include "amb82_network.hpp"

#include <WiFi.h>

#include "tcp_upload.hpp"

namespace skyfeeder {

namespace {

// The SDK gives the access point 20 s, and an address about as long.
constexpr uint32_t kJoinMs = 45000;
// A network that was tried answers in 5 to 8 s; the feeder gives an upload 60 s in all.
constexpr uint32_t kUploadJoinMs = 20000;
// From the look-up of the name to the answer; the largest clip at 430 kB/s, as measured, is 6 s of it.
constexpr uint32_t kUploadMs = 30000;
// A transfer ends within 100 ms. A join cannot be ended: its outcome is not waited for.
constexpr uint32_t kCancelMs = 500;

}  // namespace

bool Amb82Network::join() {
  const bool isOpen = network_.passphrase[0] == '\0';
  const int status =
      isOpen ? WiFi.begin(network_.ssid) : WiFi.begin(network_.ssid, network_.passphrase);
  return status == WL_CONNECTED;
}

UploadOutcome Amb82Network::upload(uint32_t joinedInMs) {
  if (!isJoined_ || joinedInMs > kUploadJoinMs) return UploadOutcome::joinFailed;
  return isAwaited() ? uploadOverTcp(put_, *this) : UploadOutcome::closed;
}

void Amb82Network::work() {
  outcome_ = UploadOutcome::badUrl;
  if (isUpload_ && !isSendable_) return;
  const uint32_t begunAtMs = millis();
  isJoined_ = join();
  if (isUpload_) outcome_ = upload(millis() - begunAtMs);
  // Also one that was not joined in time: the SDK would go on trying.
  WiFi.disconnect();
}

bool Amb82Network::startUpload(const WifiCredentials &network, const UploadRequest &request) {
  if (!isFree()) return false;
  network_ = network;
  isUpload_ = true;
  isSendable_ = put_.begin(request);
  body_ = request.body;
  isCancelled_ = false;
  start(kUploadJoinMs + kUploadMs);
  return true;
}

UploadOutcome Amb82Network::pollUpload(uint16_t *status) {
  const Progress progress = poll();
  if (progress == Progress::running) return UploadOutcome::running;
  if (isCancelled_) return UploadOutcome::closed;
  if (progress == Progress::late) return UploadOutcome::timeout;
  *status = put_.status();
  return outcome_;
}

void Amb82Network::cancelUpload() {
  isCancelled_ = true;
  hurry(kCancelMs);
}

bool Amb82Network::startJoin(const WifiCredentials &network) {
  if (!isFree()) return false;
  network_ = network;
  isUpload_ = false;
  body_ = nullptr;
  start(kJoinMs);
  return true;
}

JoinOutcome Amb82Network::pollJoin() {
  const Progress progress = poll();
  if (progress == Progress::running) return JoinOutcome::running;
  return progress == Progress::finished && isJoined_ ? JoinOutcome::joined : JoinOutcome::failed;
}

}  // namespace skyfeeder
