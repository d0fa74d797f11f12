#include "put_command.hpp"

#include <cstdio>
#include <ctime>
#include <poll.h>

#include "folder_sensor.hpp"

namespace skyfeeder {

namespace {

const char *nameOf(UploadOutcome outcome) {
  switch (outcome) {
    case UploadOutcome::stored: return "stored";
    case UploadOutcome::refused: return "refused";
    case UploadOutcome::timeout: return "timeout";
    case UploadOutcome::connectFailed: return "connect_failed";
    case UploadOutcome::badUrl: return "bad_url";
    default: return "closed";
  }
}

Millis nowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Millis>(now.tv_sec) * 1000 + static_cast<Millis>(now.tv_nsec) / 1000000;
}

}  // namespace

int runPut(UploadRequest request, const char *file, UploadPatience patience) {
  std::vector<uint8_t> body;
  if (!readFile(file, &body)) {
    fprintf(stderr, "skyfeeder-camera: %s: cannot be read\n", file);
    return 1;
  }
  request.body = body.data();
  request.bodyBytes = body.size();
  static HttpSocket socket;
  socket.begin(request, nowMs(), patience);
  UploadOutcome outcome = socket.step(nowMs());
  while (outcome == UploadOutcome::running) {
    pollfd wait = {socket.descriptor(), socket.pollEvents(), 0};
    const Millis now = nowMs();
    poll(&wait, 1, socket.dueMs() > now ? static_cast<int>(socket.dueMs() - now) : 0);
    outcome = socket.step(nowMs());
  }
  printf("{\"outcome\":\"%s\",\"status\":%u}\n", nameOf(outcome), socket.status());
  return outcome == UploadOutcome::stored ? 0 : 1;
}

}  // namespace skyfeeder
