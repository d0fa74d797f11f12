/*
 * device/esp32/native/camera_wire.c over a UART in memory: a transmit FIFO of 128 bytes, and all that arrives waits.
 *
 * arrive <bytes>               receive, receive_short (into 20 bytes)     frame <bytes>, or frame and nothing
 * send <header and payload>    taken <1 or 0>
 * transmit                     the FIFO's bytes leave: wire <bytes>
 * open, rate, sent, noise      <word> <number>
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../device/esp32/native/camera_uart.h"
#include "hex-lines.h"

#define FIFO_BYTES 128
#define BUFFER_BYTES 1038
#define SHORT_BUFFER_BYTES 20
/* Neither buffer begins where JavaScript's does. */
#define OFFSET_BYTES 3

int32_t camera_wire_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond);
int32_t camera_wire_receive(uint8_t *into, uint32_t offset, uint32_t length);
int32_t camera_wire_send(uint8_t *from, uint32_t offset, uint32_t length);
int32_t camera_wire_sent(void);
int32_t camera_wire_set_rate(uint32_t bitsPerSecond);
uint32_t camera_wire_noise(void);

static uint8_t ring[65536];
static size_t ringBytes;
static size_t ringAt;
static uint8_t fifo[FIFO_BYTES];
static uint32_t fifoBytes;

int32_t camera_uart_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond)
{
	ringAt = ringBytes = 0;
	return (23 == txPin) && (34 == rxPin) && (115200 == bitsPerSecond) ? 0 : -1;
}

void camera_uart_close(void)
{
}

int32_t camera_uart_set_rate(uint32_t bitsPerSecond)
{
	return (921600 == bitsPerSecond) ? 0 : -1;
}

uint32_t camera_uart_read(uint8_t *into, uint32_t length)
{
	const size_t waiting = ringBytes - ringAt;
	const size_t count = (waiting < length) ? waiting : length;
	memcpy(into, ring + ringAt, count);
	ringAt += count;
	return (uint32_t)count;
}

uint32_t camera_uart_write(const uint8_t *from, uint32_t length)
{
	const uint32_t room = FIFO_BYTES - fifoBytes;
	const uint32_t count = (room < length) ? room : length;
	memcpy(fifo + fifoBytes, from, count);
	fifoBytes += count;
	return count;
}

bool camera_uart_sent(void)
{
	return 0 == fifoBytes;
}

uint32_t camera_uart_line_errors(void)
{
	return 0;
}

static void receive(uint32_t length)
{
	uint8_t *into = malloc(OFFSET_BYTES + length);
	const int32_t frameBytes = camera_wire_receive(into, OFFSET_BYTES, length);
	hex_line_print("frame", into + OFFSET_BYTES, (size_t)frameBytes);
	free(into);
}

static void send(const hex_line *line)
{
	uint8_t *from = malloc(OFFSET_BYTES + line->lengthBytes);
	memcpy(from + OFFSET_BYTES, line->bytes, line->lengthBytes);
	printf("taken %d\n", camera_wire_send(from, OFFSET_BYTES, (uint32_t)line->lengthBytes));
	free(from);
}

static void perform(const hex_line *line)
{
	const char *word = line->word;
	if (0 == strcmp(word, "arrive")) {
		memcpy(ring + ringBytes, line->bytes, line->lengthBytes);
		ringBytes += line->lengthBytes;
	} else if (0 == strcmp(word, "transmit")) {
		hex_line_print("wire", fifo, fifoBytes);
		fifoBytes = 0;
	} else if (0 == strcmp(word, "send")) {
		send(line);
	} else if (0 == strcmp(word, "receive")) {
		receive(BUFFER_BYTES);
	} else if (0 == strcmp(word, "receive_short")) {
		receive(SHORT_BUFFER_BYTES);
	} else if (0 == strcmp(word, "sent")) {
		printf("sent %d\n", camera_wire_sent());
	} else if (0 == strcmp(word, "noise")) {
		printf("noise %u\n", camera_wire_noise());
	} else if (0 == strcmp(word, "open")) {
		printf("open %d\n", camera_wire_open(23, 34, 115200));
	} else if (0 == strcmp(word, "rate")) {
		printf("rate %d\n", camera_wire_set_rate(921600));
	}
}

int main(void)
{
	hex_line line = { 0 };
	while (hex_line_read(&line))
		perform(&line);
	return 0;
}
