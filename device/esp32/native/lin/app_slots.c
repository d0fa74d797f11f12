/*
 * The Linux build runs from no flash: it says that it is in slot 0 and confirmed, that the other slot is empty, and
 * refuses every update.
 */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define RUNNING 0
#define STATE_VALID 2
#define NO_STATE (-1)

/* esp_app_desc_t. */
#define DESCRIPTION_BYTES 256
#define VERSION_AT 16
#define PROJECT_NAME_AT 48

static const uint8_t magic[] = { 0x32, 0x54, 0xcd, 0xab };

/* Below every release: this is none. */
static const char version[] = "0.0.0";
static const char projectName[] = "skyfeeder";

int32_t app_slot_running(void)
{
	return 0;
}

int32_t app_slot_state(int32_t which)
{
	return (RUNNING == which) ? STATE_VALID : NO_STATE;
}

int32_t app_slot_description(int32_t which, uint8_t *into, uint32_t offset, uint32_t length)
{
	if ((RUNNING != which) || !into || (length < DESCRIPTION_BYTES))
		return 0;
	uint8_t *description = into + offset;
	memset(description, 0, DESCRIPTION_BYTES);
	memcpy(description, magic, sizeof(magic));
	memcpy(description + VERSION_AT, version, sizeof(version));
	memcpy(description + PROJECT_NAME_AT, projectName, sizeof(projectName));
	return 1;
}

int32_t app_slot_open_other(void)
{
	return ENOTSUP;
}

int32_t app_slot_select_other(void)
{
	return ENOTSUP;
}

int32_t app_slot_confirm(void)
{
	return 0;
}

int32_t app_slot_reject(void)
{
	return ENOTSUP;
}
