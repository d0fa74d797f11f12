// An upload over a socket of this computer.
#pragma once

#include "../src/http_put.hpp"
#include "../src/link_frame.hpp"

namespace skyfeeder {

struct UploadPatience {
  // How long nothing may move.
  Millis stalledMs;
  // How long it may take, however much moves.
  Millis totalMs;
};

class HttpSocket {
 public:
  HttpSocket() = default;
  HttpSocket(const HttpSocket &) = delete;
  HttpSocket &operator=(const HttpSocket &) = delete;
  ~HttpSocket() { close(); }

  // Looking up the name blocks; nothing else does.
  void begin(const UploadRequest &request, Millis nowMs, UploadPatience patience);
  UploadOutcome step(Millis nowMs);
  // As if the server had closed.
  void cancel();
  uint16_t status() const { return put_.status(); }

  // What to wait for; -1 when nothing is open.
  int descriptor() const { return descriptor_; }
  short pollEvents() const;
  Millis dueMs() const;

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
  Millis begunAtMs_ = 0;
  UploadPatience patience_ = {};
};

}  // namespace skyfeeder
