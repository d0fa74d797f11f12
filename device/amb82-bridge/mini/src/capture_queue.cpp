#include "capture_queue.hpp"

namespace skyfeeder {

Reason CaptureQueue::add(const Capture &capture) {
  if (count_ == kCapturesMax) return kBusy;
  if (count_ == 0) {
    if (!begin(capture)) return kBusy;
    running_ = true;
  }
  captures_[count_++] = capture;
  return kOk;
}

bool CaptureQueue::begin(const Capture &capture) {
  if (capture.kind == MediaKind::still) return board_.startStill(capture.quality);
  return board_.startClip(capture.seconds, capture.quality);
}

bool CaptureQueue::poll(Capture *over, Media *media, Reason *reason) {
  if (count_ == 0) return false;
  *over = captures_[0];
  *media = Media();
  *reason = kBusy;
  if (!running_) running_ = begin(captures_[0]);
  if (running_) {
    if (!board_.pollCapture(media)) return false;
    *reason = over->kind == MediaKind::still ? kStillFailed : kClipFailed;
  }
  removeFirst();
  return true;
}

void CaptureQueue::removeFirst() {
  running_ = false;
  count_--;
  for (size_t at = 0; at < count_; at++) captures_[at] = captures_[at + 1];
}

void CaptureQueue::dropWaiting() {
  if (count_ > 1) count_ = 1;
}

}  // namespace skyfeeder
