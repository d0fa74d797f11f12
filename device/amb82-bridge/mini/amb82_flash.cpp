#include "flash_sectors.hpp"

extern "C" {
#include "flash_api.h"
#include "hal_cache.h"

#include "device_lock.h"
}

namespace skyfeeder {

namespace {

flash_t flash;

// The camera's start and Wi-Fi use the same flash, from tasks of their own.
class FlashLock {
 public:
  FlashLock() { device_mutex_lock(RT_DEV_LOCK_FLASH); }
  ~FlashLock() { device_mutex_unlock(RT_DEV_LOCK_FLASH); }
  FlashLock(const FlashLock &) = delete;
  FlashLock &operator=(const FlashLock &) = delete;
};

constexpr uint32_t kCacheLineBytes = 32;

}  // namespace

void readFlash(uint32_t address, void *into, size_t lengthBytes) {
  const FlashLock lock;
  // The SDK reads through the data cache, which knows nothing of writes.
  dcache_invalidate_by_addr(reinterpret_cast<uint32_t *>(SPI_FLASH_BASE + address),
                            static_cast<int32_t>(lengthBytes));
  flash_stream_read(&flash, address, lengthBytes, static_cast<uint8_t *>(into));
}

void writeFlash(uint32_t address, const void *from, size_t lengthBytes) {
  const FlashLock lock;
  // It takes a pointer to what it only reads, and may read past the cache.
  uint8_t *bytes = const_cast<uint8_t *>(static_cast<const uint8_t *>(from));
  const uintptr_t line = reinterpret_cast<uintptr_t>(bytes) & ~(kCacheLineBytes - 1);
  const uintptr_t end = reinterpret_cast<uintptr_t>(bytes) + lengthBytes;
  dcache_clean_by_addr(reinterpret_cast<uint32_t *>(line), static_cast<int32_t>(end - line));
  flash_stream_write(&flash, address, lengthBytes, bytes);
}

void eraseSector(uint32_t address) {
  const FlashLock lock;
  flash_erase_sector(&flash, address);
}

}  // namespace skyfeeder
