#pragma once

#include <cstdint>

namespace skyfeeder {

inline void putUint16(uint8_t *into, uint16_t value) {
  into[0] = static_cast<uint8_t>(value);
  into[1] = static_cast<uint8_t>(value >> 8);
}

inline void putUint32(uint8_t *into, uint32_t value) {
  putUint16(into, static_cast<uint16_t>(value));
  putUint16(into + 2, static_cast<uint16_t>(value >> 16));
}

inline void putUint64(uint8_t *into, uint64_t value) {
  putUint32(into, static_cast<uint32_t>(value));
  putUint32(into + 4, static_cast<uint32_t>(value >> 32));
}

inline uint16_t getUint16(const uint8_t *from) {
  return static_cast<uint16_t>(from[0] | (from[1] << 8));
}

inline uint32_t getUint32(const uint8_t *from) {
  return getUint16(from) | (static_cast<uint32_t>(getUint16(from + 2)) << 16);
}

inline uint64_t getUint64(const uint8_t *from) {
  return getUint32(from) | (static_cast<uint64_t>(getUint32(from + 4)) << 32);
}

}  // namespace skyfeeder
