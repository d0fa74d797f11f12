// The frame of docs/link.md between its payload and the codec.
#pragma once

#include <cstddef>
#include <cstdint>

#include "frame_codec.h"
#include "little_endian.hpp"

namespace skyfeeder {

using Millis = uint64_t;
constexpr Millis kNever = UINT64_MAX;

// Never renumbered: feeders in the field speak them. From command on frames are numbered.
enum class FrameType : uint8_t {
  hello = 1,
  ack = 2,
  ping = 3,
  rate = 4,
  probe = 5,
  command = 16,
  result = 17,
  offer = 18,
  read = 19,
  done = 20,
  cancel = 21,
  data = 32,
};

enum Channel : uint8_t { kControl = 0, kBulk = 1 };
constexpr size_t kChannels = 2;
constexpr uint8_t kMoreFollows = 0x80;

struct FrameStart {
  uint8_t type;
  uint8_t channel;  // with kMoreFollows
  uint8_t sack;
  uint16_t sequence;
  uint16_t ack;
  uint16_t credit;
};

inline bool isNumbered(uint8_t type) { return type >= static_cast<uint8_t>(FrameType::command); }

// What a payload of so many bytes costs on the wire at most.
inline size_t payloadCost(size_t payloadBytes) {
  return FRAME_WIRE_BYTES(FRAME_HEADER_BYTES + payloadBytes + FRAME_CRC_BYTES);
}

inline void writeFrameStart(uint8_t *frame, const FrameStart &start) {
  frame[0] = 1;
  frame[1] = start.type;
  frame[2] = start.channel;
  frame[3] = start.sack;
  putUint16(frame + 4, start.sequence);
  putUint16(frame + 6, start.ack);
  putUint16(frame + 8, start.credit);
}

inline FrameStart readFrameStart(const uint8_t *frame) {
  return {frame[1],
          frame[2],
          frame[3],
          getUint16(frame + 4),
          getUint16(frame + 6),
          getUint16(frame + 8)};
}

}  // namespace skyfeeder
