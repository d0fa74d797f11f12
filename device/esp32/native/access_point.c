/* The address of the board's own network, which the SDK leaves as ESP-IDF has it. Called through mc/ffi. */

#include <stdint.h>

#include "esp_netif.h"

/* 0: the network's DHCP server leases addresses beside this one. It does so too where this fails, beside the old one. */
int32_t access_point_address(int32_t a, int32_t b, int32_t c, int32_t d)
{
	esp_netif_t *netif = esp_netif_get_handle_from_ifkey("WIFI_AP_DEF");
	esp_netif_ip_info_t info = {0};
	esp_err_t error;

	if (netif == NULL)
		return -1;
	esp_netif_set_ip4_addr(&info.ip, a, b, c, d);
	esp_netif_set_ip4_addr(&info.gw, a, b, c, d);
	esp_netif_set_ip4_addr(&info.netmask, 255, 255, 255, 0);
	/* ESP-IDF takes no address while the DHCP server runs. */
	error = esp_netif_dhcps_stop(netif);
	if (error != ESP_OK && error != ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED)
		return -1;
	error = esp_netif_set_ip_info(netif, &info);
	esp_netif_dhcps_start(netif);
	return error == ESP_OK ? 0 : -1;
}
