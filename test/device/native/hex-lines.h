/* Drivers take and give one "word hex" a line. */
#ifndef HEX_LINES_H
#define HEX_LINES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
	char *word;
	/* Of the heap and of exactly this length: AddressSanitizer sees one byte too many. */
	uint8_t *bytes;
	size_t lengthBytes;
} hex_line;

/* 0 at the end of stdin. The line before is freed. */
int hex_line_read(hex_line *line);

void hex_line_print(const char *word, const uint8_t *bytes, size_t lengthBytes);

#endif
