#include "http_socket.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skyfeeder {

namespace {

bool wouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

void HttpSocket::begin(const UploadRequest &request, Millis nowMs, UploadPatience patience) {
  close();
  outcome_ = UploadOutcome::running;
  movedAtMs_ = nowMs;
  begunAtMs_ = nowMs;
  patience_ = patience;
  if (!put_.begin(request)) outcome_ = UploadOutcome::badUrl;
  else if (!connectTo(put_.url())) outcome_ = UploadOutcome::connectFailed;
}

bool HttpSocket::connectTo(const HttpUrl &url) {
  char port[6];
  snprintf(port, sizeof(port), "%u", url.port);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo *address = nullptr;
  if (getaddrinfo(url.host, port, &hints, &address) != 0) return false;
  descriptor_ = socket(address->ai_family, SOCK_STREAM, 0);
  bool begun = descriptor_ >= 0 && fcntl(descriptor_, F_SETFL, O_NONBLOCK) == 0;
  if (begun) {
    connected_ = connect(descriptor_, address->ai_addr, address->ai_addrlen) == 0;
    begun = connected_ || errno == EINPROGRESS;
  }
  freeaddrinfo(address);
  return begun;
}

Millis HttpSocket::dueMs() const {
  if (descriptor_ < 0) return kNever;
  const Millis stalledMs = movedAtMs_ + patience_.stalledMs;
  const Millis overMs = begunAtMs_ + patience_.totalMs;
  return stalledMs < overMs ? stalledMs : overMs;
}

void HttpSocket::cancel() {
  if (outcome_ == UploadOutcome::running) outcome_ = UploadOutcome::closed;
  close();
}

short HttpSocket::pollEvents() const {
  const uint8_t *bytes;
  const bool wantsToSend = !connected_ || put_.unsent(&bytes) > 0;
  return static_cast<short>(POLLIN | (wantsToSend ? POLLOUT : 0));
}

UploadOutcome HttpSocket::step(Millis nowMs) {
  if (outcome_ == UploadOutcome::running && !connected_) finishConnect();
  bool moved = false;
  if (outcome_ == UploadOutcome::running && connected_) {
    // Read first: a server that refuses early answers and resets, and the answer is what counts.
    moved = receive();
    moved = send() || moved;
    outcome_ = put_.outcome();
  }
  if (moved) movedAtMs_ = nowMs;
  if (outcome_ == UploadOutcome::running && nowMs >= dueMs()) {
    outcome_ = connected_ ? UploadOutcome::timeout : UploadOutcome::connectFailed;
  }
  if (outcome_ != UploadOutcome::running) close();
  return outcome_;
}

void HttpSocket::finishConnect() {
  pollfd state = {descriptor_, POLLOUT, 0};
  if (poll(&state, 1, 0) <= 0) return;
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length);
  connected_ = error == 0;
  if (!connected_) outcome_ = UploadOutcome::connectFailed;
}

bool HttpSocket::receive() {
  uint8_t bytes[4096];
  bool moved = false;
  while (put_.outcome() == UploadOutcome::running) {
    const ssize_t count = recv(descriptor_, bytes, sizeof(bytes), 0);
    if (count < 0 && wouldBlock()) break;
    if (count > 0) put_.received(bytes, static_cast<size_t>(count));
    else put_.closed();
    moved = true;
  }
  return moved;
}

bool HttpSocket::send() {
  bool moved = false;
  const uint8_t *bytes;
  size_t lengthBytes;
  while (put_.outcome() == UploadOutcome::running && (lengthBytes = put_.unsent(&bytes)) > 0) {
    const ssize_t count = ::send(descriptor_, bytes, lengthBytes, 0);
    // Any other error shows when reading, behind the answer that may have come before it.
    if (count <= 0) break;
    put_.sent(static_cast<size_t>(count));
    moved = true;
  }
  return moved;
}

void HttpSocket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  connected_ = false;
}

}  // namespace skyfeeder
