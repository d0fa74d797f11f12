/* A restart of our own making, and why the board started. Called through mc/ffi. */

#include <stdint.h>

#include "esp_system.h"

/* The next start's reason is ESP_RST_SW. */
void restart_board(void)
{
	esp_restart();
}

/* An esp_reset_reason_t. */
int32_t reset_reason(void)
{
	return (int32_t)esp_reset_reason();
}
