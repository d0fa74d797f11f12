// UART3 of the AMB82-Mini, 8N1, PE_1 out and PE_2 in. It goes below Arduino's Serial3, which holds
// 128 received bytes, waits for the line when it writes, and cannot say when the line is idle.
#pragma once

// Before serial_api.h: that makes macros of malloc and free, over which the C++ library stumbles.
#include <Arduino.h>

#include "byte_ring.hpp"
#include "src/frame_codec.h"
#include "src/link_hello.hpp"

extern "C" {
#include "serial_api.h"
}

namespace skyfeeder {

class Amb82Uart {
 public:
  // `reader` is notified when bytes arrive.
  void begin(void *reader);
  // For deep sleep: gives the pins back.
  void end();

  size_t write(const uint8_t *bytes, size_t lengthBytes);
  bool isSent();
  size_t read(uint8_t *into, size_t capacityBytes);
  void setRate(uint32_t bitsPerSecond);

 private:
  static void onInterrupt(uint32_t self, SerialIrq event);
  void emptyReceiver();
  void fillTransmitter();

  // Twice what hello promises, because hello itself and noise are not counted.
  static constexpr size_t kReceivedBytes = 2 * kReceiveBufferBytes;
  // Two frames, so that the line has one while the next is made.
  static constexpr size_t kToSendBytes = 2 * FRAME_WIRE_BYTES(FRAME_BYTES_MAX);

  serial_t serial_ = {};
  void *reader_ = nullptr;
  // What the shift register may still hold, once the FIFO is empty.
  uint32_t lastByteMicros_ = 0;
  bool isFifoBusy_ = false;
  uint32_t fifoEmptyAtMicros_ = 0;
  ByteRing<kReceivedBytes> received_;
  ByteRing<kToSendBytes> toSend_;
};

}  // namespace skyfeeder
