#include "http_put.hpp"

#include <cstring>

namespace skyfeeder {

namespace {

bool isDigit(char byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

bool HttpPut::begin(const UploadRequest &request) {
  reset();
  if (!parseHttpUrl(request.url, &url_)) return false;
  append(*url_.target == '/' ? "PUT " : "PUT /");
  append(url_.target);
  append(" HTTP/1.1\r\nHost: ");
  append(url_.host);
  if (url_.port != kHttpPort) {
    append(":");
    appendNumber(url_.port);
  }
  append("\r\nConnection: close\r\nContent-Length: ");
  appendNumber(request.bodyBytes);
  append("\r\n");
  for (size_t at = 0; at < request.headerCount; at++) {
    const UploadHeader &header = request.headers[at];
    if (!isHttpHeader(header.name, header.value)) return false;
    if (!isOwnHeader(header.name)) appendHeader(header.name, header.value);
  }
  append("\r\n");
  body_ = request.body;
  bodyBytes_ = request.bodyBytes;
  return !headFull_;
}

// Member by member: a second one on the stack would be most of what a board's task has.
void HttpPut::reset() {
  headBytes_ = 0;
  headFull_ = false;
  sentBytes_ = 0;
  lineBytes_ = 0;
  interim_ = false;
  interimBytes_ = 0;
  outcome_ = UploadOutcome::running;
  status_ = 0;
}

void HttpPut::append(const char *text) {
  const size_t length = strlen(text);
  headFull_ = headFull_ || length > kHeadBytesMax - headBytes_;
  if (headFull_) return;
  memcpy(head_ + headBytes_, text, length);
  headBytes_ += length;
}

void HttpPut::appendNumber(size_t value) {
  char digits[21];
  size_t at = sizeof(digits) - 1;
  digits[at] = '\0';
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  append(digits + at);
}

void HttpPut::appendHeader(const char *name, const char *value) {
  append(name);
  append(": ");
  append(value);
  append("\r\n");
}

size_t HttpPut::unsent(const uint8_t **bytes) const {
  if (sentBytes_ < headBytes_) {
    *bytes = reinterpret_cast<const uint8_t *>(head_) + sentBytes_;
    return headBytes_ - sentBytes_;
  }
  const size_t bodySent = sentBytes_ - headBytes_;
  *bytes = body_ + bodySent;
  return bodyBytes_ - bodySent;
}

void HttpPut::sent(size_t lengthBytes) {
  sentBytes_ += lengthBytes;
}

void HttpPut::received(const uint8_t *bytes, size_t lengthBytes) {
  for (size_t at = 0; at < lengthBytes; at++) {
    if (outcome_ != UploadOutcome::running) return;
    if (interim_) takeInterimByte(bytes[at]);
    else takeStatusByte(bytes[at]);
  }
}

void HttpPut::takeStatusByte(uint8_t byte) {
  line_[lineBytes_++] = static_cast<char>(byte);
  if (lineBytes_ == kStatusBytes) takeStatus();
}

void HttpPut::takeStatus() {
  const char *code = line_ + 9;
  const bool version = memcmp(line_, "HTTP/1.", 7) == 0 && isDigit(line_[7]) && line_[8] == ' ';
  const bool number = code[0] >= '1' && isDigit(code[0]) && isDigit(code[1]) && isDigit(code[2]);
  const bool ended = code[3] == ' ' || code[3] == '\r' || code[3] == '\n';
  if (!version || !number || !ended) {
    outcome_ = UploadOutcome::closed;
    return;
  }
  const int status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  if (status < 200) {
    interim_ = true;
    takeInterimByte(static_cast<uint8_t>(code[3]));
    return;
  }
  status_ = static_cast<uint16_t>(status);
  decide();
}

// 100 Continue and its like: the answer comes behind the blank line.
void HttpPut::takeInterimByte(uint8_t byte) {
  if (++interimBytes_ > kInterimBytesMax) outcome_ = UploadOutcome::closed;
  if (byte == '\r') return;
  if (byte != '\n') {
    lineBytes_++;
    return;
  }
  interim_ = lineBytes_ > 0;
  lineBytes_ = 0;
}

// A success before everything was sent is none of the server's: a captive portal or a proxy answers like that.
void HttpPut::decide() {
  const uint8_t *rest;
  if (status_ > 299) outcome_ = UploadOutcome::refused;
  else outcome_ = unsent(&rest) == 0 ? UploadOutcome::stored : UploadOutcome::closed;
}

uint16_t HttpPut::status() const {
  const bool decided = outcome_ == UploadOutcome::stored || outcome_ == UploadOutcome::refused;
  return decided ? status_ : 0;
}

void HttpPut::closed() {
  if (outcome_ == UploadOutcome::running) outcome_ = UploadOutcome::closed;
}

}  // namespace skyfeeder
