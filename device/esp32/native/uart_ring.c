/*
 * The camera's UART behind ESP-IDF's driver and an 8 KB ring. embedded:io/serial stops at the 128 bytes of the
 * hardware FIFO, which is 11 ms at 115200 baud: less than one garbage collection. Called through mc/ffi.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "driver/uart.h"
#include "driver/uart_select.h"
#include "esp_attr.h"
#include "esp_err.h"
#include "esp_intr_alloc.h"

#define CAMERA_UART UART_NUM_2

/* One 1 KB frame for each slot of the link's window of 8: a sender that keeps to its credit cannot overflow it. */
#define RING_BYTES 8192

static atomic_uint lineErrors;

/*
 * Called by the driver's interrupt for a FIFO overflow, a framing and a parity error. The driver's event queue
 * would tell them apart, but it fills with data events between two reads and then drops exactly these.
 */
static void IRAM_ATTR countLineError(uart_port_t port, uart_select_notif_t what, BaseType_t *taskWoken)
{
	(void)port;
	(void)taskWoken;
	if (UART_SELECT_ERROR_NOTIF == what)
		atomic_fetch_add(&lineErrors, 1);
}

static int32_t configure(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond)
{
	const uart_config_t config = {
		.baud_rate = (int)bitsPerSecond,
		.data_bits = UART_DATA_8_BITS,
		.parity = UART_PARITY_DISABLE,
		.stop_bits = UART_STOP_BITS_1,
		.flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
		.source_clk = UART_SCLK_DEFAULT,
	};
	esp_err_t err = uart_param_config(CAMERA_UART, &config);
	if (ESP_OK == err)
		err = uart_set_pin(CAMERA_UART, txPin, rxPin, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE);
	return err;
}

/* 0, or an esp_err_t. Reopening discards what arrived before. */
int32_t uart_ring_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond)
{
	if (uart_is_driver_installed(CAMERA_UART))
		uart_driver_delete(CAMERA_UART);
	atomic_store(&lineErrors, 0);
	esp_err_t err = uart_driver_install(CAMERA_UART, RING_BYTES, 0, 0, NULL, ESP_INTR_FLAG_IRAM);
	if (ESP_OK != err)
		return err;
	err = configure(txPin, rxPin, bitsPerSecond);
	if (ESP_OK != err) {
		uart_driver_delete(CAMERA_UART);
		return err;
	}
	uart_set_select_notif_callback(CAMERA_UART, countLineError);
	return uart_flush_input(CAMERA_UART);
}

/* How many bytes were copied to into + offset; 0 when none wait. */
int32_t uart_ring_read(uint8_t *into, uint32_t offset, uint32_t length)
{
	if (!into || !uart_is_driver_installed(CAMERA_UART))
		return 0;
	int count = uart_read_bytes(CAMERA_UART, into + offset, length, 0);
	return (count > 0) ? count : 0;
}

/*
 * How many bytes went to the 128-byte transmit FIFO. No transmit ring: uart_write_bytes waits for room in it,
 * and uart_get_tx_buffer_free_size looks at one queued item only, so it cannot tell whether it would.
 */
int32_t uart_ring_write(uint8_t *from, uint32_t offset, uint32_t length)
{
	if (!from || !uart_is_driver_installed(CAMERA_UART))
		return 0;
	int count = uart_tx_chars(CAMERA_UART, (const char *)(from + offset), length);
	return (count > 0) ? count : 0;
}

uint32_t uart_ring_line_errors(void)
{
	return atomic_load(&lineErrors);
}

void uart_ring_close(void)
{
	if (uart_is_driver_installed(CAMERA_UART))
		uart_driver_delete(CAMERA_UART);
}
