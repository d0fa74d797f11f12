// skyfeeder-camera: the AMB82-Mini's firmware as a process of this computer.
#include <csignal>
#include <cstdio>
#include <cstring>

#include "lock_step.hpp"
#include "put_command.hpp"
#include "tty_camera.hpp"

namespace {

using skyfeeder::TtyOptions;
using skyfeeder::UploadRequest;

constexpr uint32_t kTimeoutMs = 10000;
constexpr uint32_t kTimeoutMsMax = 3600000;
// A server may take its time, but not for ever.
constexpr uint32_t kTimeoutsInAll = 10;

constexpr char kUsage[] =
    "The SkyFeeder camera as a process.\n"
    "\n"
    "  skyfeeder-camera --lock-step FOLDER\n"
    "      in virtual time, driven by records on standard input and output\n"
    "  skyfeeder-camera --tty PATH --folder FOLDER [--wifi always]\n"
    "      in real time on a serial port or pseudo-terminal, until it sleeps\n"
    "  skyfeeder-camera --put URL FILE [--header 'Name: value']... [--timeout MS]\n"
    "      one upload; prints {\"outcome\":...,\"status\":...}, exit status 0 when it is stored;\n"
    "      MS is how long nothing may move, 10000 by default, and all may take ten times that\n"
    "  skyfeeder-camera --help\n"
    "\n"
    "FOLDER holds the pictures it takes: *.jpg in the order of their names. Its clip is the first\n"
    "*.avi; where there is none, clips are made from the JPEGs.\n";

// `given`: what it is about.
int wrongUse(const char *what, const char *given = "") {
  fprintf(stderr, "skyfeeder-camera: %s%s\n\n%s", what, given, kUsage);
  return 2;
}

bool is(const char *argument, const char *name) { return strcmp(argument, name) == 0; }

int mainTty(int count, char **arguments) {
  TtyOptions options = {};
  for (int at = 0; at < count; at += 2) {
    const char *name = arguments[at];
    if (!is(name, "--tty") && !is(name, "--folder") && !is(name, "--wifi")) {
      return wrongUse("unknown option: ", name);
    }
    if (at + 1 == count) return wrongUse("this option lacks its value: ", name);
    const char *value = arguments[at + 1];
    if (is(name, "--tty")) options.path = value;
    else if (is(name, "--folder")) options.folder = value;
    else if (is(value, "always")) options.wifiAlways = true;
    else return wrongUse("--wifi: not \"always\": ", value);
  }
  if (options.folder == nullptr) return wrongUse("--folder is missing");
  return runOnTty(options);
}

// Digits only, from 1 to kTimeoutMsMax.
bool parseTimeout(const char *text, uint32_t *timeoutMs) {
  uint32_t sum = 0;
  for (; *text >= '0' && *text <= '9' && sum <= kTimeoutMsMax; text++) {
    sum = sum * 10 + static_cast<uint32_t>(*text - '0');
  }
  *timeoutMs = sum;
  return *text == '\0' && sum > 0 && sum <= kTimeoutMsMax;
}

// Splits 'Name: value' in place.
bool addHeader(UploadRequest *request, char *text) {
  char *colon = strchr(text, ':');
  if (colon == nullptr) return false;
  *colon = '\0';
  request->headers[request->headerCount++] = {text, colon + 1 + strspn(colon + 1, " ")};
  return true;
}

int mainPut(int count, char **arguments) {
  if (count < 3) return wrongUse("--put needs a URL and a file");
  UploadRequest request = {};
  request.url = arguments[1];
  uint32_t timeoutMs = kTimeoutMs;
  for (int at = 3; at < count; at += 2) {
    const char *name = arguments[at];
    if (!is(name, "--timeout") && !is(name, "--header")) return wrongUse("unknown option: ", name);
    if (at + 1 == count) return wrongUse("this option lacks its value: ", name);
    char *value = arguments[at + 1];
    if (is(name, "--timeout")) {
      if (!parseTimeout(value, &timeoutMs)) {
        return wrongUse("--timeout: not a number of milliseconds from 1 to 3600000: ", value);
      }
    } else if (request.headerCount == skyfeeder::kUploadHeadersMax) {
      return wrongUse("--header: more than eight");
    } else if (!addHeader(&request, value)) {
      return wrongUse("--header: not 'Name: value': ", value);
    }
  }
  return skyfeeder::runPut(request, arguments[2], {timeoutMs, timeoutMs * kTimeoutsInAll});
}

}  // namespace

int main(int count, char **arguments) {
  // A peer that goes away is an error of the write.
  signal(SIGPIPE, SIG_IGN);
  if (count < 2) return wrongUse("no mode is given");
  if (is(arguments[1], "--help") || is(arguments[1], "-h")) {
    fputs(kUsage, stdout);
    return 0;
  }
  if (is(arguments[1], "--lock-step")) {
    if (count != 3) return wrongUse("--lock-step needs a folder, and nothing else");
    return skyfeeder::runLockStep(arguments[2]);
  }
  if (is(arguments[1], "--tty")) return mainTty(count - 1, arguments + 1);
  if (is(arguments[1], "--put")) return mainPut(count - 1, arguments + 1);
  return wrongUse("unknown option: ", arguments[1]);
}
