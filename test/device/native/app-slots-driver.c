/*
 * device/esp32/native/app_slots.c and rtc_memory.c over an ESP-IDF that tells what it is asked. It runs from ota_1; the
 * other slot, ota_0, holds no image.
 *
 * state <word>                 the running slot's; the other has none
 * fallen_back                  otadata names the other slot
 * failing                      from here on every call that changes something ends with 0x1503
 * running, running_state, other_state, open, select, confirm, reject     <word> <number>
 * running_description, other_description, short_description              description <bytes>, or nothing
 * write <bytes>                read <bytes>, into as many
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_ota_ops.h"
#include "hex-lines.h"

#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_OTA_VALIDATE_FAILED 0x1503
#define HANDLE 7
/* No buffer begins where JavaScript's does. */
#define OFFSET_BYTES 3

int32_t app_slot_running(void);
int32_t app_slot_state(int32_t which);
int32_t app_slot_description(int32_t which, uint8_t *into, uint32_t offset, uint32_t length);
int32_t app_slot_open_other(void);
int32_t app_slot_select_other(void);
int32_t app_slot_confirm(void);
int32_t app_slot_reject(void);
void rtc_memory_read(uint8_t *into, uint32_t offset, uint32_t length);
void rtc_memory_write(uint8_t *from, uint32_t offset, uint32_t length);
extern const esp_app_desc_t esp_app_desc;

static const esp_partition_t ota_0 = { .subtype = 0x10 };
static const esp_partition_t ota_1 = { .subtype = 0x11 };
static esp_ota_img_states_t runningState = ESP_OTA_IMG_VALID;
static esp_err_t result = ESP_OK;
static const esp_partition_t *selected = &ota_1;

const esp_partition_t *esp_ota_get_running_partition(void)
{
	return &ota_1;
}

const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *start_from)
{
	return start_from ? NULL : &ota_0;
}

esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition, esp_ota_img_states_t *ota_state)
{
	if (partition != &ota_1)
		return ESP_ERR_NOT_FOUND;
	*ota_state = runningState;
	return ESP_OK;
}

esp_err_t esp_ota_get_partition_description(const esp_partition_t *partition, esp_app_desc_t *app_desc)
{
	if (partition != &ota_1)
		return ESP_ERR_NOT_FOUND;
	*app_desc = esp_app_desc;
	return ESP_OK;
}

static esp_err_t told(const char *call, const esp_partition_t *partition)
{
	printf("%s ota_%d\n", call, partition->subtype - ESP_PARTITION_SUBTYPE_APP_OTA_MIN);
	return result;
}

esp_err_t esp_ota_begin(const esp_partition_t *partition, size_t image_size, esp_ota_handle_t *out_handle)
{
	*out_handle = HANDLE;
	return told((OTA_WITH_SEQUENTIAL_WRITES == image_size) ? "begin" : "begin and erase", partition);
}

esp_err_t esp_ota_abort(esp_ota_handle_t handle)
{
	return told((HANDLE == handle) ? "abort" : "abort another", &ota_0);
}

const esp_partition_t *esp_ota_get_boot_partition(void)
{
	return selected;
}

esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition)
{
	selected = partition;
	return told("boot next", partition);
}

esp_err_t esp_ota_mark_app_valid_cancel_rollback(void)
{
	return told("valid", &ota_1);
}

esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void)
{
	return told("invalid", &ota_1);
}

static void describe(int32_t which, uint32_t length)
{
	uint8_t *into = malloc(OFFSET_BYTES + length);
	if (app_slot_description(which, into, OFFSET_BYTES, length))
		hex_line_print("description", into + OFFSET_BYTES, length);
	free(into);
}

static void retain(const hex_line *line)
{
	const uint32_t length = (uint32_t)line->lengthBytes;
	uint8_t *bytes = calloc(1, OFFSET_BYTES + length);
	memcpy(bytes + OFFSET_BYTES, line->bytes, length);
	rtc_memory_write(bytes, OFFSET_BYTES, length);
	memset(bytes, 0, OFFSET_BYTES + length);
	rtc_memory_read(bytes, OFFSET_BYTES, length);
	hex_line_print("read", bytes + OFFSET_BYTES, length);
	free(bytes);
}

static void answer(const char *word)
{
	const struct {
		const char *word;
		int32_t (*call)(void);
	} calls[] = {
		{ "running", app_slot_running },
		{ "open", app_slot_open_other },
		{ "select", app_slot_select_other },
		{ "confirm", app_slot_confirm },
		{ "reject", app_slot_reject },
	};
	for (size_t at = 0; at < sizeof(calls) / sizeof(*calls); at++)
		if (0 == strcmp(word, calls[at].word))
			printf("%s %d\n", word, calls[at].call());
}

static void perform(const hex_line *line)
{
	const char *word = line->word;
	if (0 == strcmp(word, "failing"))
		result = ESP_ERR_OTA_VALIDATE_FAILED;
	else if (0 == strcmp(word, "fallen_back"))
		selected = &ota_0;
	else if (0 == strcmp(word, "state"))
		runningState = line->bytes[0] == 0xff ? ESP_OTA_IMG_UNDEFINED : (esp_ota_img_states_t)line->bytes[0];
	else if (0 == strcmp(word, "running_state"))
		printf("running_state %d\n", app_slot_state(0));
	else if (0 == strcmp(word, "other_state"))
		printf("other_state %d\n", app_slot_state(1));
	else if (0 == strcmp(word, "running_description"))
		describe(0, sizeof(esp_app_desc_t));
	else if (0 == strcmp(word, "other_description"))
		describe(1, sizeof(esp_app_desc_t));
	else if (0 == strcmp(word, "short_description"))
		describe(0, sizeof(esp_app_desc_t) - 1);
	else if (0 == strcmp(word, "write"))
		retain(line);
	else
		answer(word);
}

int main(void)
{
	hex_line line = { 0 };
	while (hex_line_read(&line))
		perform(&line);
	return 0;
}
