// What is kept without power: the last 32 KB of the 16 MB of NOR flash. Both partition tables of
// the board package end at 0xFC1000, the SDK's own user data at 0xF64000. The package's FlashMemory
// library is no place for it: its 0xFD000 lies within the partition of the firmware.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skyfeeder {

constexpr uint32_t kSectorBytes = 4096;
constexpr uint32_t kCredentialSectors[2] = {0xFF8000, 0xFF9000};
constexpr uint32_t kBootCountSectors[2] = {0xFFA000, 0xFFB000};

void readFlash(uint32_t address, void *into, size_t lengthBytes);
// Only clears bits, and tells of no failure: read it back.
void writeFlash(uint32_t address, const void *from, size_t lengthBytes);
void eraseSector(uint32_t address);

}  // namespace skyfeeder
