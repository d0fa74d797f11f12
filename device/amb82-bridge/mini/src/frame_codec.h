/*
 * The camera link's frames on the wire (docs/link.md): sealed with CRC-32, stuffed by COBS between two zeros, and
 * back. The feeder, the camera and the host compile this same file, so it knows no board.
 */
#ifndef FRAME_CODEC_H
#define FRAME_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FRAME_HEADER_BYTES 10
#define FRAME_PAYLOAD_BYTES_MAX 1024
#define FRAME_CRC_BYTES 4
#define FRAME_BYTES_MAX (FRAME_HEADER_BYTES + FRAME_PAYLOAD_BYTES_MAX + FRAME_CRC_BYTES)

/* The most that `n` bytes, header to CRC, cost on the wire: two zeros, and a code byte ahead of every 254. */
#define FRAME_WIRE_BYTES(n) ((n) + (n) / 254 + 3)

/* CRC-32 of IEEE 802.3, the value of zlib's crc32(). */
uint32_t frame_crc32(const uint8_t *bytes, size_t lengthBytes);

/*
 * `frame` is header and payload without the CRC, `wire` has room for FRAME_WIRE_BYTES(lengthBytes + FRAME_CRC_BYTES)
 * and overlaps it nowhere. Answers how many of them were written.
 */
size_t frame_encode(const uint8_t *frame, size_t lengthBytes, uint8_t *wire);

/* All zeros is one that waits for its first byte. */
typedef struct {
	/* Header to CRC, intact, as long as frameLength is not 0: until the next frame_decode. */
	uint8_t frame[FRAME_BYTES_MAX];
	size_t frameLength;
	/* How many runs between two zeros were no intact frame; one that is too long counts as soon as it is. */
	uint32_t noise;
	/* The rest is the run that is arriving. */
	size_t runLength;
	uint8_t blockLeft;
	bool begun;
	bool zeroDue;
	bool tooLong;
} frame_decoder;

/* Forgets the run that is arriving, without counting it as noise. */
void frame_decoder_reset(frame_decoder *decoder);

/*
 * Takes bytes up to and with the zero that ends an intact frame, or all of them; answers how many. `bytes` may be
 * anything; frameLength then says whether there is a frame.
 */
size_t frame_decode(frame_decoder *decoder, const uint8_t *bytes, size_t lengthBytes);

#ifdef __cplusplus
}
#endif

#endif
