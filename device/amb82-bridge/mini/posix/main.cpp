// skyfeeder-camera: the AMB82-Mini's firmware as a process of this computer.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "lock_step.hpp"
#include "put_command.hpp"
#include "tty_camera.hpp"

namespace {

using skyfeeder::TtyOptions;
using skyfeeder::UploadRequest;

constexpr uint32_t kTimeoutMs = 10000;

constexpr char kUsage[] =
    "The SkyFeeder camera as a process.\n"
    "\n"
    "  skyfeeder-camera --lock-step FOLDER\n"
    "      in virtual time, driven by records on standard input and output\n"
    "  skyfeeder-camera --tty PATH --folder FOLDER [--wifi always]\n"
    "      in real time on a serial port or pseudo-terminal, until it sleeps\n"
    "  skyfeeder-camera --put URL FILE [--header 'Name: value']... [--timeout MS]\n"
    "      one upload; prints {\"outcome\":...,\"status\":...}, exit status 0 when it is stored\n"
    "\n"
    "FOLDER holds the pictures it takes: *.jpg in the order of their names, and a clip as *.avi.\n";

int wrongUse(const char *what) {
  fprintf(stderr, "skyfeeder-camera: %s\n\n%s", what, kUsage);
  return 2;
}

bool is(const char *argument, const char *name) { return strcmp(argument, name) == 0; }

int mainTty(int count, char **arguments) {
  TtyOptions options = {};
  for (int at = 0; at + 1 < count; at += 2) {
    if (is(arguments[at], "--tty")) options.path = arguments[at + 1];
    else if (is(arguments[at], "--folder")) options.folder = arguments[at + 1];
    else if (is(arguments[at], "--wifi") && is(arguments[at + 1], "always")) options.wifiAlways = true;
    else return wrongUse(arguments[at]);
  }
  if (count % 2 != 0) return wrongUse("an option lacks its value");
  if (options.folder == nullptr) return wrongUse("--folder is missing");
  return runOnTty(options);
}

// Splits 'Name: value' in place.
bool addHeader(UploadRequest *request, char *text) {
  char *colon = strchr(text, ':');
  if (colon == nullptr || request->headerCount == skyfeeder::kUploadHeadersMax) return false;
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
    if (at + 1 == count) return wrongUse("an option lacks its value");
    char *value = arguments[at + 1];
    const bool timeout = is(arguments[at], "--timeout") && atoi(value) > 0;
    if (timeout) timeoutMs = static_cast<uint32_t>(atoi(value));
    else if (!is(arguments[at], "--header") || !addHeader(&request, value)) return wrongUse(value);
  }
  return skyfeeder::runPut(request, arguments[2], timeoutMs);
}

}  // namespace

int main(int count, char **arguments) {
  // A peer that goes away is an error of the write.
  signal(SIGPIPE, SIG_IGN);
  if (count < 2) return wrongUse("no mode is given");
  if (is(arguments[1], "--help")) {
    fputs(kUsage, stdout);
    return 0;
  }
  if (is(arguments[1], "--lock-step") && count == 3) return skyfeeder::runLockStep(arguments[2]);
  if (is(arguments[1], "--tty")) return mainTty(count - 1, arguments + 1);
  if (is(arguments[1], "--put")) return mainPut(count - 1, arguments + 1);
  return wrongUse(arguments[1]);
}
