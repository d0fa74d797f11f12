/*
 * The camera link's wire: whole verified frames to JavaScript and back, called through mc/ffi. COBS and CRC are in C
 * because XS would spend some 56 bytecodes on each byte. 2.4 KB of static RAM beside the UART's ring of 8 KB.
 */

#include <stdint.h>
#include <string.h>

#include "../../amb82-bridge/mini/src/frame_codec.h"
#include "camera_uart.h"

/* One call of the driver takes its locks once: a quarter of a frame for each is seldom enough. */
static uint8_t arrived[256];
static uint32_t arrivedBytes;
static uint32_t arrivedAt;
static frame_decoder decoder;

/* The frame on its way to the transmit FIFO. */
static uint8_t staged[FRAME_WIRE_BYTES(FRAME_BYTES_MAX)];
static uint32_t stagedBytes;
static uint32_t stagedAt;

/* 0, or an esp_err_t. Discards what came before, and what was still to be sent. */
int32_t camera_wire_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond)
{
	frame_decoder_reset(&decoder);
	decoder.noise = 0;
	arrivedAt = arrivedBytes = 0;
	stagedAt = stagedBytes = 0;
	return camera_uart_open(txPin, rxPin, bitsPerSecond);
}

void camera_wire_close(void)
{
	camera_uart_close();
}

/* 0, or an esp_err_t. Half a frame is forgotten: its end would come at the other rate. */
int32_t camera_wire_set_rate(uint32_t bitsPerSecond)
{
	frame_decoder_reset(&decoder);
	return camera_uart_set_rate(bitsPerSecond);
}

static void transmit(void)
{
	stagedAt += camera_uart_write(staged + stagedAt, stagedBytes - stagedAt);
}

/* Nothing tells us when the FIFO has room again, so every call that comes by fills it up. */
int32_t camera_wire_receive(uint8_t *into, uint32_t offset, uint32_t length)
{
	transmit();
	if (!into)
		return 0;
	for (;;) {
		if (arrivedAt == arrivedBytes) {
			arrivedAt = 0;
			arrivedBytes = camera_uart_read(arrived, sizeof(arrived));
			if (0 == arrivedBytes)
				return 0;
		}
		arrivedAt += (uint32_t)frame_decode(&decoder, arrived + arrivedAt, arrivedBytes - arrivedAt);
		if (decoder.frameLength > length) {
			decoder.noise++;
		} else if (decoder.frameLength > 0) {
			memcpy(into + offset, decoder.frame, decoder.frameLength);
			return (int32_t)decoder.frameLength;
		}
	}
}

/*
 * 1 when the frame, header and payload without its CRC, was copied; 0 when the one before has not all left for the
 * FIFO. A longer one than the protocol knows is never taken.
 */
int32_t camera_wire_send(uint8_t *from, uint32_t offset, uint32_t length)
{
	transmit();
	if (!from || (stagedAt < stagedBytes) || (length > FRAME_BYTES_MAX - FRAME_CRC_BYTES))
		return 0;
	stagedBytes = (uint32_t)frame_encode(from + offset, length, staged);
	stagedAt = 0;
	transmit();
	return 1;
}

/* 1 when the last stop bit of all that was sent has left. */
int32_t camera_wire_sent(void)
{
	transmit();
	return (stagedAt == stagedBytes) && camera_uart_sent();
}

/* What arrived between two zeros and was no intact frame, since it was opened. */
uint32_t camera_wire_noise(void)
{
	return decoder.noise;
}

uint32_t camera_wire_line_errors(void)
{
	return camera_uart_line_errors();
}
