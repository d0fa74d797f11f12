/* A Linux build has no Wi-Fi of its own: a locally administered address, the same each time. */

#include <stdint.h>
#include <string.h>

int32_t station_mac(uint8_t *into, uint32_t offset, uint32_t length)
{
	static const uint8_t mac[6] = { 0x02, 0, 0, 0, 0, 0x01 };

	if (!into || (length < sizeof(mac)))
		return -1;
	memcpy(into + offset, mac, sizeof(mac));
	return 0;
}
