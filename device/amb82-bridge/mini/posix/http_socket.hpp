// An upload over a socket of this computer.
#pragma once

#include "../src/http_put.hpp"
#include "../src/link_frame.hpp"

namespace skyfeeder {

class HttpSocket {
 public:
  HttpSocket() = default;
  HttpSocket(const HttpSocket &) = delete;
  HttpSocket &operator=(const HttpSocket &) = delete;
  ~HttpSocket() { close(); }

  // `timeoutMs`: how long nothing may move. Looking up the name blocks; nothing else does.
  void begin(const UploadRequest &request, Millis nowMs, Millis timeoutMs);
  UploadOutcome step(Millis nowMs);
  uint16_t status() const { return put_.status(); }

  // What to wait for; -1 when nothing is open.
  int descriptor() const { return descriptor_; }
  short pollEvents() const;
  Millis dueMs() const { return descriptor_ < 0 ? kNever : movedAtMs_ + timeoutMs_; }

 private:
  bool connectTo(const HttpUrl &url);
  void finishConnect();
  bool send();
  bool receive();
  void close();

  HttpPut put_;
  int descriptor_ = -1;
  bool connected_ = false;
  UploadOutcome outcome_ = UploadOutcome::running;
  Millis movedAtMs_ = 0;
  Millis timeoutMs_ = 0;
};

}  // namespace skyfeeder
