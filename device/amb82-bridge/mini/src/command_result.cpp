#include "command_result.hpp"

#include <cstring>

#include "json_writer.hpp"

namespace skyfeeder {

CommandResult resultOf(const char *op, Reason reason) {
  CommandResult result = {};
  strncpy(result.op, op, kOpBytesMax);
  result.reason = reason;
  return result;
}

size_t writeResult(const CommandResult &result, uint8_t *into, size_t capacityBytes) {
  JsonWriter json(into, capacityBytes);
  json.text("op", result.op);
  if (result.captureId[0] != '\0') json.text("captureId", result.captureId);
  if (result.objectId != 0) json.number("id", result.objectId);
  json.truth("ok", result.reason == kOk);
  if (result.reason != kOk) json.text("reason", result.reason);
  if (result.httpStatus != 0) json.number("status", result.httpStatus);
  if (result.wifi != nullptr) {
    json.number("uptimeMs", result.uptimeMs);
    json.number("objects", result.objects);
    json.text("wifi", result.wifi);
  }
  return json.end();
}

void ResultQueue::push(const CommandResult &result) {
  results_[(first_ + count_) % kResultsMax] = result;
  count_++;
}

CommandResult ResultQueue::pop() {
  const CommandResult result = results_[first_];
  first_ = (first_ + 1) % kResultsMax;
  count_--;
  return result;
}

}  // namespace skyfeeder
