#include "record_stream.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include "../src/little_endian.hpp"

namespace skyfeeder {

namespace {

// Answers how many of them came before the end.
size_t readAll(int descriptor, uint8_t *into, size_t lengthBytes) {
  size_t at = 0;
  while (at < lengthBytes) {
    const ssize_t count = read(descriptor, into + at, lengthBytes - at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    at += static_cast<size_t>(count);
  }
  return at;
}

bool writeAll(int descriptor, const uint8_t *bytes, size_t lengthBytes) {
  size_t at = 0;
  while (at < lengthBytes) {
    const ssize_t count = write(descriptor, bytes + at, lengthBytes - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    at += static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

RecordReader::Outcome RecordReader::next(int descriptor) {
  uint8_t head[4];
  const size_t headBytes = readAll(descriptor, head, sizeof(head));
  if (headBytes == 0) return Outcome::ended;
  lengthBytes_ = getUint32(head);
  at_ = 1;
  whole_ = true;
  if (headBytes < sizeof(head) || lengthBytes_ == 0 || lengthBytes_ > sizeof(bytes_)) {
    return Outcome::broken;
  }
  const bool complete = readAll(descriptor, bytes_, lengthBytes_) == lengthBytes_;
  return complete ? Outcome::record : Outcome::broken;
}

const uint8_t *RecordReader::take(size_t lengthBytes) {
  static constexpr uint8_t kNothing[8] = {};
  if (lengthBytes > lengthBytes_ - at_) {
    whole_ = false;
    return kNothing;
  }
  at_ += lengthBytes;
  return bytes_ + at_ - lengthBytes;
}

uint8_t RecordReader::takeUint8() { return *take(1); }

uint16_t RecordReader::takeUint16() { return getUint16(take(2)); }

uint64_t RecordReader::takeUint64() { return getUint64(take(8)); }

bool RecordReader::takeText(char *into, size_t capacityBytes) {
  const size_t lengthBytes = takeUint16();
  const uint8_t *text = take(lengthBytes);
  if (!whole_ || lengthBytes >= capacityBytes) return false;
  memcpy(into, text, lengthBytes);
  into[lengthBytes] = '\0';
  return true;
}

const uint8_t *RecordReader::rest(size_t *lengthBytes) const {
  *lengthBytes = lengthBytes_ - at_;
  return bytes_ + at_;
}

void RecordWriter::putUint8(uint8_t value) { putBytes(&value, 1); }

void RecordWriter::putUint16(uint16_t value) {
  uint8_t bytes[2];
  skyfeeder::putUint16(bytes, value);
  putBytes(bytes, sizeof(bytes));
}

void RecordWriter::putUint32(uint32_t value) {
  uint8_t bytes[4];
  skyfeeder::putUint32(bytes, value);
  putBytes(bytes, sizeof(bytes));
}

void RecordWriter::putUint64(uint64_t value) {
  uint8_t bytes[8];
  skyfeeder::putUint64(bytes, value);
  putBytes(bytes, sizeof(bytes));
}

void RecordWriter::putText(const char *text) {
  const size_t lengthBytes = strlen(text);
  putUint16(static_cast<uint16_t>(lengthBytes));
  putBytes(reinterpret_cast<const uint8_t *>(text), lengthBytes);
}

void RecordWriter::putBytes(const uint8_t *bytes, size_t lengthBytes) {
  // A control message is 2 KB, a frame 1 KB: more cannot be meant.
  if (lengthBytes > sizeof(bytes_) - lengthBytes_) abort();
  memcpy(bytes_ + lengthBytes_, bytes, lengthBytes);
  lengthBytes_ += lengthBytes;
}

bool RecordWriter::finish(int descriptor, const uint8_t *body, size_t bodyBytes) {
  skyfeeder::putUint32(bytes_, static_cast<uint32_t>(lengthBytes_ - kHeadBytes + bodyBytes));
  return writeAll(descriptor, bytes_, lengthBytes_) && writeAll(descriptor, body, bodyBytes);
}

}  // namespace skyfeeder
