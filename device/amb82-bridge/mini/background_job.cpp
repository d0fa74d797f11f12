#include "background_job.hpp"

extern "C" {
#include "FreeRTOS.h"
#include "task.h"
}

namespace skyfeeder {

namespace {

// 64 KB, as Arduino gives the task that usually makes these calls: what they need is not known.
constexpr uint16_t kStackWords = 16384;
// Of Arduino's task, so that neither starves the other where the SDK waits in a loop.
constexpr UBaseType_t kPriority = 1;

}  // namespace

void BackgroundJob::begin(const char *name) {
  TaskHandle_t task = nullptr;
  // Without a task it is never free: what it is asked is refused as busy, and the rest goes on.
  if (xTaskCreate(runTask, name, kStackWords, this, kPriority, &task) != pdPASS) {
    state_.store(State::late);
  }
  task_ = task;
}

void BackgroundJob::runTask(void *self) { static_cast<BackgroundJob *>(self)->run(); }

void BackgroundJob::run() {
  prepare();
  for (;;) {
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    work();
    if (!become(State::finished)) state_.store(State::free);
  }
}

void BackgroundJob::start(uint32_t withinMs) {
  startedTick_ = xTaskGetTickCount();
  withinTicks_ = pdMS_TO_TICKS(withinMs);
  state_.store(State::working);
  xTaskNotifyGive(static_cast<TaskHandle_t>(task_));
}

void BackgroundJob::hurry(uint32_t withinMs) {
  State expected = State::working;
  if (!state_.compare_exchange_strong(expected, State::hurried)) return;
  startedTick_ = xTaskGetTickCount();
  withinTicks_ = pdMS_TO_TICKS(withinMs);
}

// False when the other side was faster.
bool BackgroundJob::become(State over) {
  State expected = State::working;
  if (state_.compare_exchange_strong(expected, over)) return true;
  expected = State::hurried;
  return state_.compare_exchange_strong(expected, over);
}

BackgroundJob::Progress BackgroundJob::poll() {
  if (state_.load() == State::finished) {
    state_.store(State::free);
    return Progress::finished;
  }
  if (xTaskGetTickCount() - startedTick_ < withinTicks_) return Progress::running;
  // Unless it finished just now.
  return become(State::late) ? Progress::late : Progress::running;
}

}  // namespace skyfeeder
