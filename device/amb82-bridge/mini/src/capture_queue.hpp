// One capture at a time; the next ones wait their turn.
#pragma once

#include "camera_hardware.hpp"
#include "command_result.hpp"
#include "object_shelf.hpp"

namespace skyfeeder {

struct Capture {
  MediaKind kind;
  uint32_t seconds;
  uint32_t quality;
  char captureId[kCaptureIdBytesMax + 1];
};

class CaptureQueue {
 public:
  explicit CaptureQueue(CameraHardware &board) : board_(board) {}

  bool isEmpty() const { return count_ == 0; }
  size_t count() const { return count_; }
  // Why it cannot be, or kOk: then it is over some time.
  Reason add(const Capture &capture);
  // True when one is over, which leaves the queue. Without bytes it failed; kBusy when the sensor did not even start.
  bool poll(Capture *over, Media *media, Reason *reason);
  // Forgets those that have not begun.
  void dropWaiting();

 private:
  // The one that runs, and a still and a clip of the next visit behind it.
  static constexpr size_t kCapturesMax = 3;

  bool begin(const Capture &capture);
  void removeFirst();

  CameraHardware &board_;
  Capture captures_[kCapturesMax] = {};
  size_t count_ = 0;
  bool running_ = false;
};

}  // namespace skyfeeder
