/*
 * The HX711 load-cell converter, read bit by bit. In C because its clock may not stay high for 60 us: the chip
 * then powers down and forgets the conversion, and no JavaScript engine promises that. Called through mc/ffi.
 */

#include <stdint.h>

#include "driver/gpio.h"
#include "esp_err.h"
#include "esp_rom_sys.h"
#include "freertos/FreeRTOS.h"

#define CONVERSION_BITS 24

/* Outside 24 bits, so no conversion looks like it. */
#define NOT_READY INT32_MIN

/* Data sheet: clock high and low 0.2 us at least. */
#define HALF_CLOCK_US 1

static portMUX_TYPE clockLock = portMUX_INITIALIZER_UNLOCKED;
static gpio_num_t dataPad = GPIO_NUM_NC;
static gpio_num_t clockPad = GPIO_NUM_NC;

/* 0, or an esp_err_t. */
int32_t hx711_open(int32_t dataPin, int32_t clockPin)
{
	const gpio_config_t output = { .pin_bit_mask = 1ULL << clockPin, .mode = GPIO_MODE_OUTPUT };
	/* Pulled up, a converter that is not connected is never ready. */
	const gpio_config_t input = {
		.pin_bit_mask = 1ULL << dataPin,
		.mode = GPIO_MODE_INPUT,
		.pull_up_en = GPIO_PULLUP_ENABLE,
	};
	esp_err_t err = gpio_config(&output);
	if (ESP_OK == err)
		err = gpio_set_level((gpio_num_t)clockPin, 0);
	if (ESP_OK == err)
		err = gpio_config(&input);
	if (ESP_OK != err)
		return err;
	dataPad = (gpio_num_t)dataPin;
	clockPad = (gpio_num_t)clockPin;
	return ESP_OK;
}

static uint32_t pulse(void)
{
	gpio_set_level(clockPad, 1);
	esp_rom_delay_us(HALF_CLOCK_US);
	uint32_t bit = (uint32_t)gpio_get_level(dataPad);
	gpio_set_level(clockPad, 0);
	esp_rom_delay_us(HALF_CLOCK_US);
	return bit;
}

/* The newest conversion, signed; NOT_READY while the converter is busy (it makes 10 a second). */
int32_t hx711_read(void)
{
	if ((GPIO_NUM_NC == dataPad) || gpio_get_level(dataPad))
		return NOT_READY;

	uint32_t raw = 0;
	/* Below 0.1 ms: the camera's UART FIFO has room for 0.7 ms even at 921600 baud. */
	portENTER_CRITICAL(&clockLock);
	for (int bit = 0; bit < CONVERSION_BITS; bit++)
		raw = (raw << 1) | pulse();
	/* The 25th pulse asks for channel A at gain 128 next. */
	pulse();
	portEXIT_CRITICAL(&clockLock);

	return (int32_t)(raw << 8) >> 8;
}
