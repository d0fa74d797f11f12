// Work for a task of its own, because the SDK below it blocks and may hang. Whoever starts it waits
// until a deadline. The task is never ended, as it might hold a lock of the SDK: a job that is late
// keeps it until it returns.
#pragma once

#include <atomic>
#include <cstdint>

namespace skyfeeder {

class BackgroundJob {
 public:
  enum class Progress : uint8_t { running, finished, late };

  void begin(const char *name);
  // In the task. False when this job was hurried or late: nobody waits for it any more.
  bool isAwaited() const { return state_.load() == State::working; }

 protected:
  ~BackgroundJob() = default;

  // False too as long as a job that was late has not returned.
  bool isFree() const { return state_.load() == State::free; }
  // Of a free one.
  void start(uint32_t withinMs);
  // Nobody waits for its outcome any more: within so much longer it is finished or late.
  void hurry(uint32_t withinMs);
  // finished or late once, then it is over.
  Progress poll();

  // In the task: once, and then for each start.
  virtual void prepare() {}
  virtual void work() = 0;

 private:
  enum class State : uint32_t { free, working, hurried, finished, late };

  static void runTask(void *self);
  void run();
  bool become(State over);

  void *task_ = nullptr;
  std::atomic<State> state_{State::free};
  uint32_t startedTick_ = 0;
  uint32_t withinTicks_ = 0;
};

}  // namespace skyfeeder
