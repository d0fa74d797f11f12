/* The flash of the other slot and NVS, kept where the JavaScript heap that is measured is not. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xsmc.h"

#define ENTRIES_MAX 32

static int slot_file(void)
{
	static FILE *file;
	if (!file)
		file = tmpfile();
	return file ? fileno(file) : -1;
}

void xs_slot_read(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &bytes, &length);
	if (pread(slot_file(), bytes, length, xsmcToInteger(xsArg(1))) != (ssize_t)length)
		xsUnknownError("slot: read");
}

void xs_slot_write(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &bytes, &length);
	if (pwrite(slot_file(), bytes, length, xsmcToInteger(xsArg(1))) != (ssize_t)length)
		xsUnknownError("slot: write");
}

static struct {
	char *key;
	char *value;
} entries[ENTRIES_MAX];

/* A place that is free where the key is unknown; the last one stays free. */
static int find_entry(const char *key)
{
	int at = 0;
	while ((at < ENTRIES_MAX - 1) && entries[at].key && strcmp(entries[at].key, key))
		at++;
	return at;
}

void xs_nvs_read(xsMachine *the)
{
	int at = find_entry(xsmcToString(xsArg(0)));
	if (entries[at].value)
		xsmcSetString(xsResult, entries[at].value);
}

/* Without a value the key is deleted; it keeps its place. */
void xs_nvs_write(xsMachine *the)
{
	int at = find_entry(xsmcToString(xsArg(0)));
	if (!entries[at].key)
		entries[at].key = strdup(xsmcToString(xsArg(0)));
	free(entries[at].value);
	entries[at].value = (xsmcArgc > 1) ? strdup(xsmcToString(xsArg(1))) : NULL;
}
