// The records of lock step, on two file descriptors: u32 length of what follows, u8 kind, fields; little endian.
// `skyfeeder-camera --lock-step` answers each record of its caller with any number of its own and `end`. Times are
// virtual, in microseconds since anything, and never go back; the camera counts in whole milliseconds.
//
//   in   1 boot    u64 now, u64 bootNumber, [text ssid, text passphrase]   power on or wake; credentials as stored
//        2 bytes   u64 now, bytes          arrived on the wire
//        3 tick    u64 now                 it is time: the wake time of the last end, or any other
//        4 room    u64 now                 16 bytes or fewer of the last `wire` are unsent
//        5 sent    u64 now                 the last bit of the last `wire` has left
//        6 upload  u64 now, u8 outcome, u16 status   as in UploadOutcome: 1 stored, 2 refused, 3 closed, 4 timeout,
//                                          5 connect_failed, 6 join_failed, 7 bad_url; of one that the camera has
//                                          cancelled since, it only ends the wait for the next
//        7 join    u64 now, u8 outcome     1 joined, 2 failed
//   out 65 wire    bytes                   one frame; the next one waits for `room` or `sent`
//       66 rate    u32 bits per second     from now on, both ways
//       67 took    u8 kind, u32 size, 32 bytes sha256   0 still, 1 clip
//       68 upload  text url, u8 count, count times (text name, text value), u32 length, body   answer with `upload`
//       69 join    text ssid, text passphrase           answer with `join`
//       70 store   text ssid, text passphrase           give it to every later boot
//       71 sleep                           deaf until the next boot
//       72 end     u64 wake                when to tick at the latest; all ones: nothing is due
//
// text: u16 length, bytes. Records in are at most 64 KB. The end of the input ends the process, a record it cannot read
// ends it with 1. `boot` at any time is a loss of power: what it held is gone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

enum class RecordKind : uint8_t {
  boot = 1,
  bytes = 2,
  tick = 3,
  room = 4,
  sent = 5,
  uploadOver = 6,
  joinOver = 7,
  wire = 65,
  rate = 66,
  took = 67,
  upload = 68,
  join = 69,
  store = 70,
  sleep = 71,
  end = 72,
};

constexpr size_t kRecordBytesMax = 65536;

// One record that came: fields are taken from its front.
class RecordReader {
 public:
  enum class Outcome : uint8_t { record, ended, broken };

  Outcome next(int descriptor);
  RecordKind kind() const { return static_cast<RecordKind>(bytes_[0]); }

  uint8_t takeUint8();
  uint16_t takeUint16();
  uint64_t takeUint64();
  // False when it is longer than the room with its zero.
  bool takeText(char *into, size_t capacityBytes);
  const uint8_t *rest(size_t *lengthBytes) const;
  bool atEnd() const { return at_ == lengthBytes_; }
  // No field was cut short.
  bool isWhole() const { return whole_; }

 private:
  const uint8_t *take(size_t lengthBytes);

  uint8_t bytes_[kRecordBytesMax];
  size_t lengthBytes_ = 0;
  size_t at_ = 0;
  bool whole_ = true;
};

// Its fields are put one after the other; finish hands it over, with `body` behind them.
class RecordWriter {
 public:
  explicit RecordWriter(RecordKind kind) { putUint8(static_cast<uint8_t>(kind)); }

  void putUint8(uint8_t value);
  void putUint16(uint16_t value);
  void putUint32(uint32_t value);
  void putUint64(uint64_t value);
  void putText(const char *text);
  void putBytes(const uint8_t *bytes, size_t lengthBytes);
  // False when the other side is gone.
  bool finish(int descriptor, const uint8_t *body, size_t bodyBytes);

 private:
  static constexpr size_t kHeadBytes = 4;

  uint8_t bytes_[kHeadBytes + 8192] = {};
  size_t lengthBytes_ = kHeadBytes;
};

}  // namespace skyfeeder
