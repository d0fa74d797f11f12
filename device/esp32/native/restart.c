/* A restart of our own making: reset reason ESP_RST_SW. */

#include "esp_system.h"

void restart_board(void)
{
	esp_restart();
}
