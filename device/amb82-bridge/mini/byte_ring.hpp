// Bytes from one writer to one reader, of which one may be an interrupt.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace skyfeeder {

template <size_t kCapacity>
class ByteRing {
 public:
  bool isEmpty() const { return head_.load() == tail_.load(); }

  bool push(uint8_t byte) {
    const size_t head = head_.load();
    const size_t next = after(head);
    if (next == tail_.load()) return false;
    bytes_[head] = byte;
    head_.store(next);
    return true;
  }

  bool pop(uint8_t *byte) {
    const size_t tail = tail_.load();
    if (tail == head_.load()) return false;
    *byte = bytes_[tail];
    tail_.store(after(tail));
    return true;
  }

 private:
  // One slot stays empty: a full ring would look like an empty one.
  static constexpr size_t kSlots = kCapacity + 1;

  static size_t after(size_t slot) { return slot + 1 == kSlots ? 0 : slot + 1; }

  std::atomic<size_t> head_{0};
  std::atomic<size_t> tail_{0};
  uint8_t bytes_[kSlots];
};

}  // namespace skyfeeder
