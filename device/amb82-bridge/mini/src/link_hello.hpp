// The message with which an end of the link starts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

constexpr char kCameraFirmware[] = "0.1.0";
constexpr size_t kBootIdBytesMax = 48;

constexpr uint8_t kWindowMax = 8;
// What the board's receiver must hold: the feeder has at most one control message's frame and its acks under way, and
// three full frames are 4 ms of a loop that looks away at 921600.
constexpr uint16_t kReceiveBufferBytes = 4096;

constexpr uint32_t kBaseRate = 115200;
constexpr uint32_t kRates[] = {kBaseRate, 460800, 921600};

struct LinkHello {
  char bootId[kBootIdBytesMax + 1];
  uint32_t frameBytesMax;
  uint32_t window;
  uint32_t bufferBytes;
  bool answer;
};

// What this end says of itself.
struct HelloSelf {
  const char *bootId;
  // It knows a network and can upload a clip by itself.
  bool hasWifi;
};

// False for what is no hello of this protocol, or of an end that could not take the smallest frame.
bool parseHello(const uint8_t *bytes, size_t lengthBytes, LinkHello *hello);

// Answers its length.
size_t writeHello(const HelloSelf &self, bool answer, uint8_t *into, size_t capacityBytes);

}  // namespace skyfeeder
