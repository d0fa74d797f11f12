// The camera of a SkyFeeder: README.md.
#include "amb82_hardware.hpp"
#include "src/camera_session.hpp"

namespace {

skyfeeder::Amb82Hardware hardware;
skyfeeder::CameraSession session(hardware);

}  // namespace

void setup() {
  hardware.begin();
  session.start(hardware.nowMs());
}

void loop() {
  uint8_t bytes[256];
  size_t lengthBytes;
  while ((lengthBytes = hardware.uartRead(bytes, sizeof(bytes))) > 0) {
    session.receive(bytes, lengthBytes, hardware.nowMs());
  }
  session.step(hardware.nowMs());
  hardware.feedWatchdog();
  hardware.waitForByte();
}
