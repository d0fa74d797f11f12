/*
 * The two app slots and what the bootloader will do with them: ESP-IDF's esp_ota_ops.h, called through mc/ffi. The bytes
 * of an image go through embedded:storage/flash.
 */

#include <stdint.h>
#include <string.h>

#include "esp_app_desc.h"
#include "esp_err.h"
#include "esp_idf_version.h"
#include "esp_ota_ops.h"
#include "sdkconfig.h"

/* package.json's, as a literal: the SDK's makefile would not compile this again for a changed header. */
#define FIRMWARE_VERSION "0.1.0"

/* "which" is 0 for the running slot and 1 for the other. */
#define RUNNING 0

/* otadata has no entry for the slot. ESP_OTA_IMG_UNDEFINED is the same number, and means as little. */
#define NO_STATE (-1)

#define TEXT_OF(macro) TEXT_ITSELF(macro)
#define TEXT_ITSELF(text) #text

/*
 * What this image says of itself. ESP-IDF's own is weak, names the project after the SDK's, xs_esp32, and asks git for
 * the version. It is here, and not in a file of its own, because the linker takes no file out of a library to replace
 * something weak; for the functions below it takes this one. esptool fills in the SHA-256 of the ELF file.
 */
const __attribute__((section(".rodata_desc"))) esp_app_desc_t esp_app_desc = {
	.magic_word = ESP_APP_DESC_MAGIC_WORD,
	.version = FIRMWARE_VERSION,
	.project_name = "skyfeeder",
	.time = __TIME__,
	.date = __DATE__,
	.idf_ver = "v" TEXT_OF(ESP_IDF_VERSION_MAJOR) "." TEXT_OF(ESP_IDF_VERSION_MINOR) "." TEXT_OF(ESP_IDF_VERSION_PATCH),
	.min_efuse_blk_rev_full = CONFIG_ESP_EFUSE_BLOCK_REV_MIN_FULL,
	.max_efuse_blk_rev_full = CONFIG_ESP_EFUSE_BLOCK_REV_MAX_FULL,
	.mmu_page_size = 31 - __builtin_clz(CONFIG_MMU_PAGE_SIZE),
};

static const esp_partition_t *other_slot(void)
{
	return esp_ota_get_next_update_partition(NULL);
}

static const esp_partition_t *slot(int32_t which)
{
	return (RUNNING == which) ? esp_ota_get_running_partition() : other_slot();
}

/* The n of the running ota_n. */
int32_t app_slot_running(void)
{
	return (int32_t)esp_ota_get_running_partition()->subtype - ESP_PARTITION_SUBTYPE_APP_OTA_MIN;
}

/* An esp_ota_img_states_t, or NO_STATE. */
int32_t app_slot_state(int32_t which)
{
	esp_ota_img_states_t state;
	if (ESP_OK != esp_ota_get_state_partition(slot(which), &state))
		return NO_STATE;
	return (int32_t)state;
}

/* 1 when the slot's esp_app_desc_t was copied; 0 when it holds none. */
int32_t app_slot_description(int32_t which, uint8_t *into, uint32_t offset, uint32_t length)
{
	esp_app_desc_t description;
	if (!into || (length < sizeof(description)))
		return 0;
	if (ESP_OK != esp_ota_get_partition_description(slot(which), &description))
		return 0;
	memcpy(into + offset, &description, sizeof(description));
	return 1;
}

/*
 * After a fallback the bootloader runs one slot and otadata names the other, perhaps as VALID: what is written there
 * would boot untried. The running image is selected first, and confirmed, as it was before.
 */
static esp_err_t select_running(void)
{
	const esp_partition_t *running = esp_ota_get_running_partition();
	esp_err_t err;

	if (esp_ota_get_boot_partition() == running)
		return ESP_OK;
	err = esp_ota_set_boot_partition(running);
	return (ESP_OK == err) ? esp_ota_mark_app_valid_cancel_rollback() : err;
}

/*
 * 0, or an esp_err_t. Of esp_ota_begin only what it does to otadata is wanted: it refuses while the running image is
 * pending, and erases the inactive entry. With sequential writes it erases nothing of the slot itself.
 */
int32_t app_slot_open_other(void)
{
	esp_ota_handle_t handle;
	esp_err_t err = select_running();
	if (ESP_OK == err)
		err = esp_ota_begin(other_slot(), OTA_WITH_SEQUENTIAL_WRITES, &handle);
	return (ESP_OK == err) ? esp_ota_abort(handle) : err;
}

/* 0, or an esp_err_t. Verifies the whole image before it touches otadata. */
int32_t app_slot_select_other(void)
{
	return esp_ota_set_boot_partition(other_slot());
}

/* 0, or an esp_err_t. */
int32_t app_slot_confirm(void)
{
	return esp_ota_mark_app_valid_cancel_rollback();
}

/* Restarts into the other slot; an esp_err_t when it holds nothing that would boot. */
int32_t app_slot_reject(void)
{
	return esp_ota_mark_app_invalid_rollback_and_reboot();
}
