#include "frame_codec.h"

#define FRAME_VERSION 1

/* A code byte says how far it is to the next zero; this one says that 254 bytes follow and no zero behind them. */
#define FULL_BLOCK 0xff

/*
 * The reflected polynomial 0xEDB88320 in steps of half a byte. 64 bytes, because the ESP32 reads the table through
 * the flash cache that XS lives on, where one of 256 words would take 32 lines. And it is fast enough: some 25
 * cycles a byte at 92 kB/s are 1 % of the ESP32's 240 MHz, and less of the camera's processor.
 */
static const uint32_t crcOfNibble[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t frame_crc32(const uint8_t *bytes, size_t lengthBytes)
{
	uint32_t crc = UINT32_MAX;
	for (size_t at = 0; at < lengthBytes; at++) {
		crc ^= bytes[at];
		crc = crcOfNibble[crc & 15] ^ (crc >> 4);
		crc = crcOfNibble[crc & 15] ^ (crc >> 4);
	}
	return ~crc;
}

/* Where the next byte goes, and where the code of its block will. */
typedef struct {
	uint8_t *wire;
	size_t at;
	size_t codeAt;
} stuffing;

static void close_block(stuffing *out)
{
	out->wire[out->codeAt] = (uint8_t)(out->at - out->codeAt);
	out->codeAt = out->at++;
}

static void stuff(stuffing *out, const uint8_t *bytes, size_t lengthBytes)
{
	for (size_t at = 0; at < lengthBytes; at++) {
		if (0 != bytes[at])
			out->wire[out->at++] = bytes[at];
		if ((0 == bytes[at]) || (FULL_BLOCK == out->at - out->codeAt))
			close_block(out);
	}
}

size_t frame_encode(const uint8_t *frame, size_t lengthBytes, uint8_t *wire)
{
	const uint32_t crc = frame_crc32(frame, lengthBytes);
	const uint8_t seal[FRAME_CRC_BYTES] = {
		(uint8_t)crc,
		(uint8_t)(crc >> 8),
		(uint8_t)(crc >> 16),
		(uint8_t)(crc >> 24),
	};
	stuffing out = { .wire = wire, .at = 2, .codeAt = 1 };
	wire[0] = 0;
	stuff(&out, frame, lengthBytes);
	stuff(&out, seal, sizeof(seal));
	close_block(&out);
	wire[out.codeAt] = 0;
	return out.at;
}

static bool is_intact(const uint8_t *frame, size_t lengthBytes)
{
	if ((lengthBytes < FRAME_HEADER_BYTES + FRAME_CRC_BYTES) || (FRAME_VERSION != frame[0]))
		return false;
	const uint8_t *seal = frame + lengthBytes - FRAME_CRC_BYTES;
	const uint32_t crc =
		seal[0] | ((uint32_t)seal[1] << 8) | ((uint32_t)seal[2] << 16) | ((uint32_t)seal[3] << 24);
	return crc == frame_crc32(frame, lengthBytes - FRAME_CRC_BYTES);
}

void frame_decoder_reset(frame_decoder *decoder)
{
	decoder->runLength = 0;
	decoder->blockLeft = 0;
	decoder->begun = false;
	decoder->zeroDue = false;
	decoder->tooLong = false;
}

static void store(frame_decoder *decoder, uint8_t byte)
{
	if (decoder->runLength < FRAME_BYTES_MAX) {
		decoder->frame[decoder->runLength++] = byte;
	} else if (!decoder->tooLong) {
		/* Not when it ends: at a wrong rate a zero may never come, and noise is what an end falls back on. */
		decoder->tooLong = true;
		decoder->noise++;
	}
}

static void unstuff(frame_decoder *decoder, uint8_t byte)
{
	decoder->begun = true;
	if (decoder->blockLeft > 0) {
		decoder->blockLeft--;
		store(decoder, byte);
		return;
	}
	if (decoder->zeroDue)
		store(decoder, 0);
	decoder->blockLeft = (uint8_t)(byte - 1);
	decoder->zeroDue = (FULL_BLOCK != byte);
}

static void end_run(frame_decoder *decoder)
{
	const size_t length = decoder->runLength;
	const bool counted = decoder->tooLong || !decoder->begun;
	const bool intact = !counted && (0 == decoder->blockLeft) && is_intact(decoder->frame, length);
	if (!counted && !intact)
		decoder->noise++;
	frame_decoder_reset(decoder);
	if (intact)
		decoder->frameLength = length;
}

size_t frame_decode(frame_decoder *decoder, const uint8_t *bytes, size_t lengthBytes)
{
	decoder->frameLength = 0;
	for (size_t at = 0; at < lengthBytes; at++) {
		if (0 != bytes[at]) {
			unstuff(decoder, bytes[at]);
			continue;
		}
		end_run(decoder);
		if (decoder->frameLength > 0)
			return at + 1;
	}
	return lengthBytes;
}
