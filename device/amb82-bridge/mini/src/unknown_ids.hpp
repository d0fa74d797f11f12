// Objects that the feeder read and the camera does not hold: each is answered with cancel.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

class UnknownIds {
 public:
  bool isEmpty() const { return count_ == 0; }
  bool isFull() const { return count_ == kIdsMax; }
  // Only while it is not full.
  void add(uint16_t id) { ids_[count_++] = id; }
  // The last first: cancels have no order.
  uint16_t pop() { return ids_[--count_]; }
  void clear() { count_ = 0; }

 private:
  // A feeder reads one object after the other; what is more it sends again.
  static constexpr size_t kIdsMax = 8;

  uint16_t ids_[kIdsMax] = {};
  size_t count_ = 0;
};

}  // namespace skyfeeder
