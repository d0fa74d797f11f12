// The sketch's uploads in virtual time, against networks and servers that do not answer: one scenario a run, and what
// came of it as JSON.
#include <WiFi.h>

#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "../../../../device/amb82-bridge/mini/amb82_network.hpp"

extern "C" {
#include <lwip/sockets.h>
#include "FreeRTOS.h"
#include "task.h"
}

namespace {

using skyfeeder::UploadOutcome;

constexpr uint32_t kNever = UINT32_MAX;
constexpr char kNetworkName[] = "garden";

// What the network and the server do.
struct Scenario {
  const char *name;
  bool isThere;
  uint32_t joinMs;
  // kNever: the server does not even accept.
  uint32_t connectMs;
  // kNever: it takes nothing.
  uint32_t segmentMs;
  bool answers;
  uint32_t cancelAtMs;
};

constexpr Scenario kScenarios[] = {
    {"stored", true, 6000, 20, 3, true, kNever},
    {"no network", false, 6000, 20, 3, true, kNever},
    {"a network that takes its time", true, 25000, 20, 3, true, kNever},
    {"a network that hangs", true, 200000, 20, 3, true, kNever},
    {"a server that is not there", true, 19000, kNever, 3, true, kNever},
    {"a server that takes nothing", true, 19000, 20, kNever, true, kNever},
    {"a server that takes little", true, 19000, 20, 900, true, kNever},
    {"a server that says nothing", true, 19000, 20, 3, false, kNever},
    {"cancelled in the middle", true, 6000, 20, 3, true, 7000},
    {"cancelled while it connects", true, 6000, kNever, 3, true, 7000},
    {"cancelled while it joins", true, 15000, 20, 3, true, 7000},
};

const uint8_t body[2500000] = {};
skyfeeder::Amb82Network network;
Scenario scenario;
uint32_t nowMs = 0;

void (*runTask)(void *);
void *taskSelf;
bool isTaken = false;
jmp_buf taskWaits;

uint32_t connectedAtMs = kNever;
uint32_t takesAtMs = 0;
size_t sentBytes = 0;
bool isAnswered = false;
bool isLookedUp = false;
bool isLeft = false;

UploadOutcome outcome = UploadOutcome::running;
uint16_t status = 0;
uint32_t overAtMs = 0;
bool isCancelled = false;
size_t sentWhenOver = 0;
bool wasReadingWhenOver = false;

// The session, which looks every millisecond.
void look() {
  if (!isCancelled && nowMs >= scenario.cancelAtMs) {
    isCancelled = true;
    network.cancelUpload();
  }
  if (outcome != UploadOutcome::running) return;
  outcome = network.pollUpload(&status);
  overAtMs = nowMs;
  sentWhenOver = sentBytes;
  wasReadingWhenOver = network.isReading(body);
}

void pass(uint32_t ms) {
  for (; ms > 0; ms--) {
    nowMs++;
    look();
  }
}

// The task's loop, entered anew each time: it leaves where it would wait for its next job.
void runJob() {
  isTaken = false;
  if (setjmp(taskWaits) == 0) runTask(taskSelf);
}

}  // namespace

BaseType_t xTaskCreate(void (*run)(void *), const char *, uint16_t, void *self, UBaseType_t,
                       TaskHandle_t *) {
  runTask = run;
  taskSelf = self;
  return pdPASS;
}

uint32_t ulTaskNotifyTake(BaseType_t, TickType_t) {
  if (isTaken) longjmp(taskWaits, 1);
  isTaken = true;
  return 1;
}

BaseType_t xTaskNotifyGive(TaskHandle_t) { return pdPASS; }
TickType_t xTaskGetTickCount() { return nowMs; }
uint32_t millis() { return nowMs; }

WiFiClass WiFi;

int WiFiClass::begin(char *, const char *) {
  pass(scenario.joinMs);
  return scenario.isThere ? WL_CONNECTED : 0;
}

int WiFiClass::begin(char *ssid) { return begin(ssid, ""); }

int WiFiClass::disconnect() {
  isLeft = true;
  return 0;
}

int WiFiClass::hostByName(const char *, IPAddress &) {
  isLookedUp = true;
  pass(50);
  return WL_SUCCESS;
}

uint16_t lwip_htons(uint16_t value) { return htons(value); }
int lwip_socket(int, int, int) { return 0; }
int lwip_close(int) { return 0; }
int lwip_fcntl(int, int, int) { return 0; }

int lwip_connect(int, const sockaddr *, socklen_t) {
  connectedAtMs = scenario.connectMs == kNever ? kNever : nowMs + scenario.connectMs;
  errno = EINPROGRESS;
  return -1;
}

int lwip_getsockopt(int, int, int, void *, socklen_t *) { return 0; }

int lwip_select(int, fd_set *toRead, fd_set *toWrite, fd_set *, timeval *within) {
  const uint32_t untilMs =
      nowMs + static_cast<uint32_t>(within->tv_sec * 1000 + within->tv_usec / 1000);
  const bool wantsToWrite = toWrite != nullptr && FD_ISSET(0, toWrite);
  for (;;) {
    const bool isConnected = nowMs >= connectedAtMs;
    const bool canWrite = wantsToWrite && isConnected && (sentBytes == 0 || nowMs >= takesAtMs);
    const bool canRead = isConnected && scenario.answers && !isAnswered && sentBytes > sizeof(body);
    if (!canWrite) FD_ZERO(toWrite);
    if (!canRead) FD_ZERO(toRead);
    if (canWrite || canRead) return 1;
    if (nowMs >= untilMs) return 0;
    if (wantsToWrite) FD_SET(0, toWrite);
    FD_SET(0, toRead);
    pass(1);
  }
}

ssize_t lwip_send(int, const void *, size_t lengthBytes, int) {
  sentBytes += lengthBytes;
  takesAtMs = scenario.segmentMs == kNever ? kNever : nowMs + scenario.segmentMs;
  return static_cast<ssize_t>(lengthBytes);
}

ssize_t lwip_recv(int, void *into, size_t, int) {
  constexpr char kAnswer[] = "HTTP/1.1 204 No Content\r\n\r\n";
  isAnswered = true;
  memcpy(into, kAnswer, sizeof(kAnswer) - 1);
  return sizeof(kAnswer) - 1;
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  for (const Scenario &candidate : kScenarios) {
    if (strcmp(candidate.name, arguments[1]) == 0) scenario = candidate;
  }
  if (scenario.name == nullptr) return 2;
  skyfeeder::WifiCredentials credentials = {};
  strcpy(credentials.ssid, kNetworkName);
  skyfeeder::UploadRequest request = {};
  request.url = "http://feeder.example/fput/abc";
  request.body = body;
  request.bodyBytes = sizeof(body);
  network.begin("network");
  if (!network.startUpload(credentials, request)) return 1;
  runJob();
  pass(1);
  printf("{\"outcome\":%d,\"status\":%u,\"overAtMs\":%u,", static_cast<int>(outcome), status,
         overAtMs);
  printf("\"sentLater\":%zu,\"wasReadingWhenOver\":%d,\"isReading\":%d,", sentBytes - sentWhenOver,
         wasReadingWhenOver, network.isReading(body));
  printf("\"isLookedUp\":%d,\"isLeft\":%d}\n", isLookedUp, isLeft);
  return 0;
}
