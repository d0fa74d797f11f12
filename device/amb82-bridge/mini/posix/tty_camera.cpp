#include "tty_camera.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../src/camera_session.hpp"
#include "folder_sensor.hpp"
#include "http_socket.hpp"

namespace skyfeeder {

namespace {

// As the board has them.
constexpr UploadPatience kUploadPatience = {10000, 30000};
// Of what no descriptor tells: the transmitter has drained.
constexpr Millis kLookAgainMs = 5;

uint64_t clockNanos(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

Millis nowMs() { return clockNanos(CLOCK_MONOTONIC) / 1000000; }

speed_t speedOf(uint32_t bitsPerSecond) {
  switch (bitsPerSecond) {
#ifdef B460800
    case 460800: return B460800;
#endif
#ifdef B921600
    case 921600: return B921600;
#endif
    default: return B115200;
  }
}

class TtyBoard final : public CameraHardware {
 public:
  TtyBoard(int tty, FolderSensor &sensor, bool wifiAlways)
      : tty_(tty), sensor_(sensor), wifiAlways_(wifiAlways) {}

  bool isAsleep() const { return asleep_; }
  bool isSent() { return uartSent(); }
  // It did not take all it was given: there is more to write when it has room.
  bool isFull() const { return isFull_; }
  const HttpSocket &socket() const { return socket_; }

  size_t uartWrite(const uint8_t *bytes, size_t lengthBytes) override {
    const ssize_t count = write(tty_, bytes, lengthBytes);
    const size_t took = count > 0 ? static_cast<size_t>(count) : 0;
    isFull_ = took < lengthBytes;
    return took;
  }

  bool uartSent() override {
    int waiting = 0;
    return ioctl(tty_, TIOCOUTQ, &waiting) != 0 || waiting == 0;
  }

  // A pseudo-terminal may refuse: it has no rate.
  void uartSetRate(uint32_t bitsPerSecond) override {
    termios settings;
    if (tcgetattr(tty_, &settings) != 0) return;
    cfmakeraw(&settings);
    cfsetispeed(&settings, speedOf(bitsPerSecond));
    cfsetospeed(&settings, speedOf(bitsPerSecond));
    tcsetattr(tty_, TCSANOW, &settings);
  }

  uint32_t clipSecondsMax() override { return FolderSensor::kClipSecondsMax; }
  bool startStill(uint32_t quality) override { return sensor_.startStill(quality, nowMs()); }
  bool startClip(uint32_t seconds, uint32_t quality) override {
    return sensor_.startClip(seconds, quality, nowMs());
  }
  bool pollCapture(Media *media) override { return sensor_.poll(media, nowMs()); }
  void releaseMedia(const uint8_t *bytes) override { sensor_.release(bytes); }

  bool startUpload(const WifiCredentials &, const UploadRequest &request) override {
    if (wifiAlways_) socket_.begin(request, nowMs(), kUploadPatience);
    return true;
  }

  UploadOutcome pollUpload(uint16_t *status) override {
    if (!wifiAlways_) return UploadOutcome::joinFailed;
    const UploadOutcome outcome = socket_.step(nowMs());
    *status = socket_.status();
    return outcome;
  }

  void cancelUpload() override { socket_.cancel(); }

  bool startJoin(const WifiCredentials &) override { return true; }
  JoinOutcome pollJoin() override { return wifiAlways_ ? JoinOutcome::joined : JoinOutcome::failed; }

  bool loadCredentials(WifiCredentials *credentials) override {
    *credentials = {"always", ""};
    return wifiAlways_;
  }

  bool storeCredentials(const WifiCredentials &) override { return true; }
  uint64_t bootNumber() override { return clockNanos(CLOCK_REALTIME); }
  void deepSleep() override { asleep_ = true; }

 private:
  int tty_;
  FolderSensor &sensor_;
  bool wifiAlways_;
  HttpSocket socket_;
  bool isFull_ = false;
  bool asleep_ = false;
};

void waitUntil(Millis dueMs, int tty, const TtyBoard &board) {
  const HttpSocket &socket = board.socket();
  const short wanted = static_cast<short>(POLLIN | (board.isFull() ? POLLOUT : 0));
  pollfd waits[] = {{tty, wanted, 0}, {socket.descriptor(), socket.pollEvents(), 0}};
  const Millis now = nowMs();
  poll(waits, socket.descriptor() < 0 ? 1 : 2, dueMs > now ? static_cast<int>(dueMs - now) : 0);
}

// False when the other end has gone.
bool receive(int tty, CameraSession *session) {
  uint8_t bytes[4096];
  errno = 0;
  const ssize_t count = read(tty, bytes, sizeof(bytes));
  if (count > 0) session->receive(bytes, static_cast<size_t>(count), nowMs());
  return count > 0 || errno == EAGAIN || errno == EINTR;
}

int run(int tty, FolderSensor *sensor, bool wifiAlways) {
  static TtyBoard board(tty, *sensor, wifiAlways);
  static CameraSession session(board);
  session.start(nowMs());
  for (session.step(nowMs()); !board.isAsleep(); session.step(nowMs())) {
    const Millis looksMs = nowMs() + (board.isSent() ? 60000 : kLookAgainMs);
    Millis dueMs = session.nextDueMs();
    for (const Millis otherMs : {looksMs, sensor->dueMs(), board.socket().dueMs()}) {
      if (otherMs < dueMs) dueMs = otherMs;
    }
    waitUntil(dueMs, tty, board);
    if (!receive(tty, &session)) {
      fprintf(stderr, "skyfeeder-camera: the terminal is gone\n");
      return 1;
    }
  }
  return 0;
}

}  // namespace

int runOnTty(const TtyOptions &options) {
  static FolderSensor sensor;
  if (!sensor.load(options.folder)) {
    fprintf(stderr, "skyfeeder-camera: %s: no such folder\n", options.folder);
    return 1;
  }
  const int tty = open(options.path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (tty < 0) {
    fprintf(stderr, "skyfeeder-camera: %s: %s\n", options.path, strerror(errno));
    return 1;
  }
  if (isatty(tty) == 0) {
    fprintf(stderr, "skyfeeder-camera: %s: not a terminal\n", options.path);
    close(tty);
    return 1;
  }
  const int status = run(tty, &sensor, options.wifiAlways);
  close(tty);
  return status;
}

}  // namespace skyfeeder
