/*
 * The camera's UART behind ESP-IDF's driver and an 8 KB ring. embedded:io/serial stops at the 128 bytes of the
 * hardware FIFO, which is 11 ms at 115200 baud and 1.4 ms at 921600: less than one garbage collection.
 */

#include "camera_uart.h"

#include <stdatomic.h>

#include "driver/uart.h"
#include "driver/uart_select.h"
#include "esp_attr.h"
#include "esp_err.h"
#include "esp_intr_alloc.h"
#include "soc/uart_reg.h"

#define CAMERA_UART UART_NUM_2

/* The "buffer" of our hello: a camera that keeps to it cannot overflow this, however late we read. */
#define RING_BYTES 8192

/*
 * When the interrupt empties the FIFO. The driver's 120 of 128 leaves 87 us at 921600 baud, about what the load
 * cell's critical section takes; this leaves 0.7 ms, for 1,440 interrupts a second.
 */
#define FIFO_FULL_BYTES 64

static atomic_uint lineErrors;

/*
 * Called by the driver's interrupt. The driver's event queue would tell the errors apart, but it fills with data
 * events between two reads and then drops exactly these.
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
	if (ESP_OK == err)
		err = uart_set_rx_full_threshold(CAMERA_UART, FIFO_FULL_BYTES);
	/* Handled by the driver, but not among those it turns on. */
	if (ESP_OK == err)
		err = uart_enable_intr_mask(CAMERA_UART, UART_FRM_ERR_INT_ENA_M);
	return err;
}

int32_t camera_uart_open(int32_t txPin, int32_t rxPin, uint32_t bitsPerSecond)
{
	camera_uart_close();
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

void camera_uart_close(void)
{
	if (uart_is_driver_installed(CAMERA_UART))
		uart_driver_delete(CAMERA_UART);
}

int32_t camera_uart_set_rate(uint32_t bitsPerSecond)
{
	return uart_set_baudrate(CAMERA_UART, bitsPerSecond);
}

uint32_t camera_uart_read(uint8_t *into, uint32_t length)
{
	if (!uart_is_driver_installed(CAMERA_UART))
		return 0;
	const int count = uart_read_bytes(CAMERA_UART, into, length, 0);
	return (count > 0) ? (uint32_t)count : 0;
}

/*
 * Into the 128-byte transmit FIFO. No transmit ring: uart_write_bytes waits for room in it, and
 * uart_get_tx_buffer_free_size looks at one queued item only, so it cannot tell whether it would.
 */
uint32_t camera_uart_write(const uint8_t *from, uint32_t length)
{
	if (!uart_is_driver_installed(CAMERA_UART))
		return 0;
	const int count = uart_tx_chars(CAMERA_UART, (const char *)from, length);
	return (count > 0) ? (uint32_t)count : 0;
}

bool camera_uart_sent(void)
{
	return uart_is_driver_installed(CAMERA_UART) && (ESP_OK == uart_wait_tx_done(CAMERA_UART, 0));
}

uint32_t camera_uart_line_errors(void)
{
	return atomic_load(&lineErrors);
}
