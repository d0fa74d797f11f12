#include "tcp_upload.hpp"

#include <WiFi.h>

#include <cerrno>

extern "C" {
#include <lwip/sockets.h>
}

namespace skyfeeder {

namespace {

constexpr uint32_t kConnectMs = 8000;
// Nothing went and nothing came for so long.
constexpr uint32_t kStalledMs = 10000;
// How soon it notices that nobody waits for it any more.
constexpr uint32_t kLookMs = 100;
constexpr size_t kSegmentBytes = 1460;

struct Readiness {
  bool toRead;
  bool toWrite;
};

// lwIP's headers make macros of connect, send, close and their like: hence the other names.
class Connection {
 public:
  Connection() : socket_(lwip_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)) {}
  ~Connection() {
    if (socket_ >= 0) lwip_close(socket_);
  }
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;

  bool establish(uint32_t address, uint16_t port, const BackgroundJob &job) const;
  Readiness await(bool hasToWrite, uint32_t forMs) const;
  // How many bytes; 0 when it is not ready after all, negative when the connection is over.
  int transmit(const uint8_t *bytes, size_t lengthBytes) const;
  int fetch(uint8_t *into, size_t capacityBytes) const;

 private:
  int socket_;
};

bool Connection::establish(uint32_t address, uint16_t port, const BackgroundJob &job) const {
  if (socket_ < 0 || lwip_fcntl(socket_, F_SETFL, O_NONBLOCK) < 0) return false;
  sockaddr_in server = {};
  server.sin_family = AF_INET;
  server.sin_addr.s_addr = address;
  server.sin_port = lwip_htons(port);
  const int begun = lwip_connect(socket_, reinterpret_cast<sockaddr *>(&server), sizeof(server));
  if (begun < 0 && errno != EINPROGRESS) return false;
  const uint32_t begunAtMs = millis();
  while (!await(true, kLookMs).toWrite) {
    if (!job.isAwaited() || millis() - begunAtMs > kConnectMs) return false;
  }
  int error = 0;
  socklen_t errorBytes = sizeof(error);
  return lwip_getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &errorBytes) == 0 && error == 0;
}

Readiness Connection::await(bool hasToWrite, uint32_t forMs) const {
  fd_set toRead;
  fd_set toWrite;
  FD_ZERO(&toRead);
  FD_ZERO(&toWrite);
  FD_SET(socket_, &toRead);
  if (hasToWrite) FD_SET(socket_, &toWrite);
  timeval within = {static_cast<long>(forMs / 1000), static_cast<long>(forMs % 1000 * 1000)};
  if (lwip_select(socket_ + 1, &toRead, &toWrite, nullptr, &within) <= 0) return {false, false};
  return {FD_ISSET(socket_, &toRead) != 0, FD_ISSET(socket_, &toWrite) != 0};
}

int Connection::transmit(const uint8_t *bytes, size_t lengthBytes) const {
  const int sent = static_cast<int>(lwip_send(socket_, bytes, lengthBytes, 0));
  return sent < 0 && errno == EWOULDBLOCK ? 0 : sent;
}

int Connection::fetch(uint8_t *into, size_t capacityBytes) const {
  const int received = static_cast<int>(lwip_recv(socket_, into, capacityBytes, 0));
  if (received == 0) return -1;
  return received < 0 && errno == EWOULDBLOCK ? 0 : received;
}

// Answers whether anything went.
bool transmitNext(const Connection &connection, HttpPut &put, bool *isBroken) {
  const uint8_t *bytes;
  const size_t unsentBytes = put.unsent(&bytes);
  const size_t pieceBytes = unsentBytes < kSegmentBytes ? unsentBytes : kSegmentBytes;
  const int sent = connection.transmit(bytes, pieceBytes);
  *isBroken = sent < 0;
  if (sent > 0) put.sent(static_cast<size_t>(sent));
  return sent > 0;
}

// Answers whether anything came.
bool fetchNext(const Connection &connection, HttpPut &put) {
  uint8_t bytes[256];
  const int received = connection.fetch(bytes, sizeof(bytes));
  if (received > 0) put.received(bytes, static_cast<size_t>(received));
  if (received < 0) put.closed();
  return received > 0;
}

UploadOutcome transfer(const Connection &connection, HttpPut &put, const BackgroundJob &job) {
  uint32_t movedAtMs = millis();
  // A server that refuses early may close its ear first: its answer is still read.
  bool isBroken = false;
  while (put.outcome() == UploadOutcome::running) {
    const uint8_t *bytes;
    const bool hasToWrite = !isBroken && put.unsent(&bytes) > 0;
    const Readiness ready = connection.await(hasToWrite, kLookMs);
    if (!job.isAwaited()) return UploadOutcome::closed;
    bool moved = ready.toRead && fetchNext(connection, put);
    if (hasToWrite && ready.toWrite) moved = transmitNext(connection, put, &isBroken) || moved;
    if (moved) movedAtMs = millis();
    if (millis() - movedAtMs > kStalledMs) return UploadOutcome::timeout;
  }
  return put.outcome();
}

}  // namespace

UploadOutcome uploadOverTcp(HttpPut &put, const BackgroundJob &job) {
  IPAddress address;
  if (WiFi.hostByName(put.url().host, address) != WL_SUCCESS) return UploadOutcome::connectFailed;
  const Connection connection;
  if (!connection.establish(address, put.url().port, job)) return UploadOutcome::connectFailed;
  return transfer(connection, put, job);
}

}  // namespace skyfeeder
