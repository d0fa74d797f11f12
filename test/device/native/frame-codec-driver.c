/*
 * encode <header and payload>   wire <bytes>
 * decode <bytes>                frame <header to CRC> for each found; the decoder goes on with the next line
 * reset                         forgets the run that is arriving
 * and at the end                noise <count>
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../device/amb82-bridge/mini/src/frame_codec.h"
#include "hex-lines.h"

static void encode(const hex_line *line)
{
	uint8_t *wire = malloc(FRAME_WIRE_BYTES(line->lengthBytes + FRAME_CRC_BYTES));
	const size_t wireBytes = frame_encode(line->bytes, line->lengthBytes, wire);
	hex_line_print("wire", wire, wireBytes);
	free(wire);
}

static void decode(frame_decoder *decoder, const hex_line *line)
{
	size_t at = 0;
	while (at < line->lengthBytes) {
		at += frame_decode(decoder, line->bytes + at, line->lengthBytes - at);
		if (decoder->frameLength == 0)
			continue;
		hex_line_print("frame", decoder->frame, decoder->frameLength);
		if (0 != line->bytes[at - 1])
			printf("its zero was left behind\n");
	}
}

int main(void)
{
	frame_decoder *decoder = calloc(1, sizeof(*decoder));
	hex_line line = { 0 };
	while (hex_line_read(&line)) {
		if (0 == strcmp(line.word, "encode"))
			encode(&line);
		else if (0 == strcmp(line.word, "decode"))
			decode(decoder, &line);
		else
			frame_decoder_reset(decoder);
	}
	printf("noise %u\n", decoder->noise);
	free(decoder);
	return 0;
}
