/* The camera's UART as bytes: camera_uart.c is the ESP32's, lin/camera_uart.c a tty. No call here waits. */
#ifndef CAMERA_UART_H
#define CAMERA_UART_H

#include <stdbool.h>
#include <stdint.h>

/* 0, or an esp_err_t (on Linux an errno). Reopening discards what arrived before. */
int32_t camera_uart_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond);
void camera_uart_close(void);

/* 0, or an esp_err_t. */
int32_t camera_uart_set_rate(uint32_t bitsPerSecond);

/* How many bytes were copied; 0 when none wait, or when it is closed. */
uint32_t camera_uart_read(uint8_t *into, uint32_t length);

/* How many bytes were taken. */
uint32_t camera_uart_write(const uint8_t *from, uint32_t length);

/* Whether the last stop bit of all that was taken has left. */
bool camera_uart_sent(void);

/* FIFO overflows and framing errors since it was opened. */
uint32_t camera_uart_line_errors(void);

#endif
