// One PUT of HTTP/1.1 over any stream of bytes: says what to send, and what the answer means. It knows no socket and
// no clock: who drives it connects, gives up and closes.
#pragma once

#include "camera_hardware.hpp"
#include "http_url.hpp"

namespace skyfeeder {

class HttpPut {
 public:
  // False: nothing this camera can send. `request` stays valid until the upload is over.
  bool begin(const UploadRequest &request);
  const HttpUrl &url() const { return url_; }

  // The next bytes to send; answers how many, 0 when all are sent.
  size_t unsent(const uint8_t **bytes) const;
  void sent(size_t lengthBytes);
  void received(const uint8_t *bytes, size_t lengthBytes);
  // The server ended the connection. Read what came before it first.
  void closed();

  // running, stored, refused or closed.
  UploadOutcome outcome() const { return outcome_; }
  // With stored and refused; 0 otherwise.
  uint16_t status() const;

 private:
  // A message of the link at its longest, and the lines written here.
  static constexpr size_t kHeadBytesMax = 2048 + 512;
  // HTTP/1.1 200 and the character behind it.
  static constexpr size_t kStatusBytes = 13;
  // A server that only ever says 1xx has no answer.
  static constexpr size_t kInterimBytesMax = 4096;

  void reset();
  void append(const char *text);
  void appendNumber(size_t value);
  void appendHeader(const char *name, const char *value);
  void takeStatusByte(uint8_t byte);
  void takeInterimByte(uint8_t byte);
  void takeStatus();
  void decide();

  HttpUrl url_ = {};
  char head_[kHeadBytesMax];
  size_t headBytes_ = 0;
  bool headFull_ = false;
  const uint8_t *body_ = nullptr;
  size_t bodyBytes_ = 0;
  size_t sentBytes_ = 0;

  char line_[kStatusBytes];
  size_t lineBytes_ = 0;
  bool interim_ = false;
  size_t interimBytes_ = 0;
  UploadOutcome outcome_ = UploadOutcome::running;
  uint16_t status_ = 0;
};

}  // namespace skyfeeder
