/* The address of the board's Wi-Fi as a station, from its eFuses. Called through mc/ffi. */

#include <stdint.h>

#include "esp_mac.h"

#define MAC_BYTES 6

/* 0, or an esp_err_t. */
int32_t station_mac(uint8_t *into, uint32_t offset, uint32_t length)
{
	if (!into || (length < MAC_BYTES))
		return ESP_ERR_INVALID_ARG;
	return (int32_t)esp_read_mac(into + offset, ESP_MAC_WIFI_STA);
}
