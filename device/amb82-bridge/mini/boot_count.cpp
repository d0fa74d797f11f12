#include "boot_count.hpp"

#include "flash_sectors.hpp"

namespace skyfeeder {

namespace {

// Written one behind the other, and a sector is erased only when the other is full: at 200 starts a
// day each of them once in five days, of 100,000 times it can be. The complement tells a torn one.
struct Entry {
  uint32_t count;
  uint32_t complement;
};

constexpr uint32_t kEntries = kSectorBytes / sizeof(Entry);
constexpr uint32_t kBlank = UINT32_MAX;

struct Sector {
  uint32_t highest;
  // Behind the last that is not blank; kEntries when it is full.
  uint32_t firstFree;
};

Sector readSector(uint32_t address) {
  static Entry entries[kEntries];
  readFlash(address, entries, sizeof(entries));
  Sector sector = {0, 0};
  for (uint32_t at = 0; at < kEntries; at++) {
    const Entry &entry = entries[at];
    if (entry.count == kBlank && entry.complement == kBlank) continue;
    sector.firstFree = at + 1;
    const bool intact = entry.count == ~entry.complement;
    if (intact && entry.count > sector.highest) sector.highest = entry.count;
  }
  return sector;
}

bool write(uint32_t address, uint32_t count) {
  const Entry entry = {count, ~count};
  Entry kept;
  writeFlash(address, &entry, sizeof(entry));
  readFlash(address, &kept, sizeof(kept));
  return kept.count == entry.count && kept.complement == entry.complement;
}

}  // namespace

uint32_t countBoot() {
  const Sector sectors[2] = {readSector(kBootCountSectors[0]), readSector(kBootCountSectors[1])};
  const uint32_t current = sectors[1].highest > sectors[0].highest ? 1 : 0;
  const uint32_t count = sectors[current].highest + 1;
  for (uint32_t at = sectors[current].firstFree; at < kEntries; at++) {
    if (write(kBootCountSectors[current] + at * sizeof(Entry), count)) return count;
  }
  const uint32_t other = kBootCountSectors[1 - current];
  eraseSector(other);
  write(other, count);
  return count;
}

}  // namespace skyfeeder
