// The credentials and the count of starts on a flash whose power fails at any byte. Prints what went wrong, or nothing.
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "../../../device/amb82-bridge/mini/boot_count.hpp"
#include "../../../device/amb82-bridge/mini/flash_sectors.hpp"
#include "../../../device/amb82-bridge/mini/kept_credentials.hpp"

namespace {

constexpr uint32_t kFirst = 0xFF8000;
constexpr uint32_t kSectors = 4;
// As long as power lasts for all that is done.
constexpr uint32_t kNoCut = UINT32_MAX;
// A sector is erased in so many steps, in each of which power may fail.
constexpr uint32_t kEraseSteps = 4;

uint8_t flash[kSectors * skyfeeder::kSectorBytes];
uint32_t stepsLeft = kNoCut;
uint32_t dice = 1;

uint8_t chance() {
  dice = dice * 1664525u + 1013904223u;
  return static_cast<uint8_t>(dice >> 24);
}

// Without power nothing happens to the flash any more: what is called then is as if it were not.
bool hasPower() {
  if (stepsLeft == kNoCut) return true;
  if (stepsLeft > 0) stepsLeft--;
  return stepsLeft > 0;
}

void fill(bool withChance) {
  for (uint8_t &byte : flash) byte = withChance ? chance() : 0xff;
}

skyfeeder::WifiCredentials network(uint32_t number) {
  skyfeeder::WifiCredentials credentials = {};
  snprintf(credentials.ssid, sizeof(credentials.ssid), "garden %u", number);
  snprintf(credentials.passphrase, sizeof(credentials.passphrase), "passphrase %u", number);
  return credentials;
}

bool isKept(uint32_t number) {
  skyfeeder::WifiCredentials kept = {};
  const skyfeeder::WifiCredentials wanted = network(number);
  return skyfeeder::loadKeptCredentials(&kept) && memcmp(&kept, &wanted, sizeof(kept)) == 0;
}

// After a cut at each of the steps either the older or the newer network is there.
bool keepsCredentials() {
  constexpr uint32_t kStepsMost = 116 + kEraseSteps + 2;
  uint32_t number = 1;
  if (!skyfeeder::keepCredentials(network(number)) || !isKept(number)) return false;
  for (uint32_t turn = 0; turn < 20; turn++) {
    for (uint32_t steps = 1; steps <= kStepsMost; steps++) {
      stepsLeft = steps;
      skyfeeder::keepCredentials(network(number + 1));
      stepsLeft = kNoCut;
      if (isKept(number + 1)) number++;
      else if (!isKept(number)) return false;
    }
    if (!skyfeeder::keepCredentials(network(++number)) || !isKept(number)) return false;
  }
  return true;
}

// No number comes twice, whenever power failed, over some erasures of both sectors.
bool countsUp() {
  uint32_t highest = 0;
  for (uint32_t start = 0; start < 6000; start++) {
    stepsLeft = start % 3 == 0 ? 1 + start / 3 % 14 : kNoCut;
    const bool isCut = stepsLeft != kNoCut;
    const uint32_t count = skyfeeder::countBoot();
    const bool hadPower = !isCut || stepsLeft > 0;
    stepsLeft = kNoCut;
    // Power failed before anybody was told.
    if (!hadPower) continue;
    if (count <= highest) return false;
    highest = count;
  }
  return true;
}

}  // namespace

namespace skyfeeder {

void readFlash(uint32_t address, void *into, size_t lengthBytes) {
  memcpy(into, flash + (address - kFirst), lengthBytes);
}

// The byte at which power fails has some of its bits.
void writeFlash(uint32_t address, const void *from, size_t lengthBytes) {
  const uint8_t *bytes = static_cast<const uint8_t *>(from);
  uint8_t *into = flash + (address - kFirst);
  for (size_t at = 0; at < lengthBytes; at++) {
    if (stepsLeft == 0) return;
    into[at] &= hasPower() ? bytes[at] : static_cast<uint8_t>(bytes[at] | chance());
  }
}

void eraseSector(uint32_t address) {
  uint8_t *bytes = flash + (address - kFirst);
  for (uint32_t step = 0; step < kEraseSteps; step++) {
    if (stepsLeft == 0) return;
    const bool isWhole = hasPower() && step + 1 == kEraseSteps;
    for (uint32_t at = 0; at < kSectorBytes; at++) bytes[at] |= isWhole ? 0xff : chance();
  }
}

}  // namespace skyfeeder

int main() {
  skyfeeder::WifiCredentials credentials;
  for (const bool junk : {false, true}) {
    const char *of = junk ? "junk" : "a blank flash";
    fill(junk);
    if (skyfeeder::loadKeptCredentials(&credentials)) printf("credentials out of %s\n", of);
    if (!keepsCredentials()) printf("credentials lost, on %s\n", of);
    fill(junk);
    if (!countsUp()) printf("a number of a start came twice, on %s\n", of);
  }
  return 0;
}
