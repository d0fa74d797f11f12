/*
 * The Linux build's camera UART: the tty named by SKYFEEDER_CAMERA_TTY, for example one end of a socat pty pair.
 * Pins and rate mean nothing to a pty, and what it took has left.
 */

#include "../camera_uart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int tty = -1;

int32_t camera_uart_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond)
{
	(void)txPin;
	(void)rxPin;
	(void)bitsPerSecond;
	camera_uart_close();
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

void camera_uart_close(void)
{
	if (tty >= 0)
		close(tty);
	tty = -1;
}

int32_t camera_uart_set_rate(uint32_t bitsPerSecond)
{
	(void)bitsPerSecond;
	return 0;
}

/* read and write answer EBADF to the -1 of a closed tty. */
uint32_t camera_uart_read(uint8_t *into, uint32_t length)
{
	const ssize_t count = read(tty, into, length);
	return (count > 0) ? (uint32_t)count : 0;
}

uint32_t camera_uart_write(const uint8_t *from, uint32_t length)
{
	const ssize_t count = write(tty, from, length);
	return (count > 0) ? (uint32_t)count : 0;
}

bool camera_uart_sent(void)
{
	return tty >= 0;
}

uint32_t camera_uart_line_errors(void)
{
	return 0;
}
