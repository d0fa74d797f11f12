#define _POSIX_C_SOURCE 200809L

#include "hex-lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t textBytes;

static uint8_t nibble(char digit)
{
	return (uint8_t)((digit <= '9') ? digit - '0' : digit - 'a' + 10);
}

int hex_line_read(hex_line *line)
{
	free(line->bytes);
	*line = (hex_line){ 0 };
	if (getline(&text, &textBytes, stdin) <= 0) {
		free(text);
		return 0;
	}
	line->word = strtok(text, " \n");
	const char *hex = strtok(NULL, " \n");
	line->lengthBytes = hex ? strlen(hex) / 2 : 0;
	line->bytes = malloc(line->lengthBytes);
	for (size_t at = 0; at < line->lengthBytes; at++)
		line->bytes[at] = (uint8_t)((nibble(hex[2 * at]) << 4) | nibble(hex[2 * at + 1]));
	return 1;
}

void hex_line_print(const char *word, const uint8_t *bytes, size_t lengthBytes)
{
	printf("%s ", word);
	for (size_t at = 0; at < lengthBytes; at++)
		printf("%02x", bytes[at]);
	printf("\n");
}
