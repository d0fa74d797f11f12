/* The Linux build has no load cell: the scale is never ready. */

#include <errno.h>
#include <stdint.h>

int32_t hx711_open(int32_t dataPin, int32_t clockPin)
{
	(void)dataPin;
	(void)clockPin;
	return ENODEV;
}

int32_t hx711_read(void)
{
	return INT32_MIN;
}
