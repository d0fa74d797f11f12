#include "kept_credentials.hpp"

#include <cstring>

#include "flash_sectors.hpp"
#include "src/frame_codec.h"

namespace skyfeeder {

namespace {

// "SFWC", and the layout below.
constexpr uint32_t kMagic = 0x43574653;
constexpr uint32_t kVersion = 1;

struct Record {
  uint32_t magic;
  uint32_t version;
  // The record with the higher one is in force.
  uint32_t generation;
  WifiCredentials credentials;
  uint8_t padding[2];
  uint32_t crc;
};
static_assert(sizeof(Record) == 116, "the layout in flash");

uint32_t crcOf(const Record &record) {
  return frame_crc32(reinterpret_cast<const uint8_t *>(&record), offsetof(Record, crc));
}

bool readRecord(uint32_t address, Record *record) {
  readFlash(address, record, sizeof(*record));
  return record->magic == kMagic && record->version == kVersion && record->crc == crcOf(*record);
}

// Which of the two sectors is in force, -1 for none.
int readNewest(Record *newest) {
  Record second;
  const bool firstIntact = readRecord(kCredentialSectors[0], newest);
  const bool secondIntact = readRecord(kCredentialSectors[1], &second);
  if (secondIntact && (!firstIntact || second.generation > newest->generation)) {
    *newest = second;
    return 1;
  }
  return firstIntact ? 0 : -1;
}

}  // namespace

bool loadKeptCredentials(WifiCredentials *credentials) {
  Record newest;
  if (readNewest(&newest) < 0) return false;
  *credentials = newest.credentials;
  return true;
}

bool keepCredentials(const WifiCredentials &credentials) {
  Record newest;
  const int inForce = readNewest(&newest);
  Record record = {};
  record.magic = kMagic;
  record.version = kVersion;
  record.generation = inForce < 0 ? 1 : newest.generation + 1;
  record.credentials = credentials;
  record.crc = crcOf(record);
  const uint32_t address = kCredentialSectors[inForce == 0 ? 1 : 0];
  eraseSector(address);
  writeFlash(address, &record, sizeof(record));
  Record kept;
  readFlash(address, &kept, sizeof(kept));
  return memcmp(&kept, &record, sizeof(record)) == 0;
}

}  // namespace skyfeeder
