/* What ESP-IDF makes of the defaults for an ESP32. */
#pragma once
#define CONFIG_ESP_EFUSE_BLOCK_REV_MIN_FULL 0
#define CONFIG_ESP_EFUSE_BLOCK_REV_MAX_FULL 99
#define CONFIG_MMU_PAGE_SIZE 0x10000
