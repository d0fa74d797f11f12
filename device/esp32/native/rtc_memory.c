/* 64 bytes that outlive every reset, and no loss of power: then they are noise. Called through mc/ffi. */

#include <stdint.h>
#include <string.h>

#ifdef ESP_PLATFORM
#include "esp_attr.h"
#else
/* The Linux build forgets them when it ends, as if the power had gone. */
#define RTC_NOINIT_ATTR
#endif

static RTC_NOINIT_ATTR uint8_t memory[64];

static uint32_t bounded(uint32_t length)
{
	return (length < sizeof(memory)) ? length : sizeof(memory);
}

void rtc_memory_read(uint8_t *into, uint32_t offset, uint32_t length)
{
	if (into)
		memcpy(into + offset, memory, bounded(length));
}

void rtc_memory_write(uint8_t *from, uint32_t offset, uint32_t length)
{
	if (from)
		memcpy(memory, from + offset, bounded(length));
}
