/*
 * The Linux build's camera UART: the tty named by SKYFEEDER_CAMERA_TTY, for example one end of a socat pty pair.
 * Same functions as ../uart_ring.c; pins and rate mean nothing to a pty.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int tty = -1;

void uart_ring_close(void)
{
	if (tty >= 0)
		close(tty);
	tty = -1;
}

int32_t uart_ring_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond)
{
	(void)txPin;
	(void)rxPin;
	(void)bitsPerSecond;
	uart_ring_close();
	const char *path = getenv("SKYFEEDER_CAMERA_TTY");
	if (!path)
		return ENODEV;
	tty = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (tty < 0)
		return errno;
	struct termios raw;
	if (0 == tcgetattr(tty, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(tty, TCSANOW, &raw);
	}
	tcflush(tty, TCIFLUSH);
	return 0;
}

int32_t uart_ring_read(uint8_t *into, uint32_t offset, uint32_t length)
{
	if ((tty < 0) || !into)
		return 0;
	ssize_t count = read(tty, into + offset, length);
	return (count > 0) ? (int32_t)count : 0;
}

int32_t uart_ring_write(uint8_t *from, uint32_t offset, uint32_t length)
{
	if ((tty < 0) || !from)
		return 0;
	ssize_t count = write(tty, from + offset, length);
	return (count > 0) ? (int32_t)count : 0;
}

uint32_t uart_ring_line_errors(void)
{
	return 0;
}
