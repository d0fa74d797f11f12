#include "amb82_uart.hpp"

extern "C" {
#include "FreeRTOS.h"
#include "hal_timer.h"
#include "serial_ex_api.h"
#include "task.h"
}

namespace skyfeeder {

namespace {

// The rate of every start (docs/link.md).
constexpr uint32_t kFirstBitsPerSecond = 115200;

}  // namespace

// Receives by interrupts, as the SDK's own Bluetooth driver does: DMA reports a buffer when it is
// full, and an acknowledgement of 17 bytes must not wait for that. 11,520 a second are the most.
void Amb82Uart::begin(void *reader) {
  reader_ = reader;
  serial_init(&serial_, PE_1, PE_2);
  serial_format(&serial_, 8, ParityNone, 1);
  setRate(kFirstBitsPerSecond);
  serial_clear_rx(&serial_);
  // 8 of the 32 bytes of the FIFO: the other 24 arrive in 260 us at 921600. Fewer are reported when
  // the line falls idle. Behind serial_clear_rx, which writes the same register.
  serial_rx_fifo_level(&serial_, FifoLvQuarter);
  serial_irq_handler(&serial_, onInterrupt, reinterpret_cast<uint32_t>(this));
  serial_irq_set(&serial_, RxIrq, 1);
  serial_irq_set(&serial_, TxIrq, 1);
}

void Amb82Uart::end() { serial_free(&serial_); }

void Amb82Uart::onInterrupt(uint32_t self, SerialIrq event) {
  Amb82Uart *uart = reinterpret_cast<Amb82Uart *>(self);
  if (event == RxIrq) {
    uart->emptyReceiver();
  } else {
    uart->fillTransmitter();
  }
}

void Amb82Uart::emptyReceiver() {
  while (serial_readable(&serial_)) {
    // A full ring loses it, and the frame's CRC tells: in the FIFO it would interrupt for ever.
    received_.push(static_cast<uint8_t>(serial_getc(&serial_)));
  }
  BaseType_t woken = pdFALSE;
  vTaskNotifyGiveFromISR(static_cast<TaskHandle_t>(reader_), &woken);
  portYIELD_FROM_ISR(woken);
}

// When the interrupt comes the FIFO is empty, but the shift register has a byte: 10 us at 921600.
void Amb82Uart::fillTransmitter() {
  uint8_t byte;
  while (serial_writable(&serial_) && toSend_.pop(&byte)) serial_putc(&serial_, byte);
}

size_t Amb82Uart::write(const uint8_t *bytes, size_t lengthBytes) {
  size_t taken = 0;
  while (taken < lengthBytes && toSend_.push(bytes[taken])) taken++;
  // Or two would take from the ring at once.
  NVIC_DisableIRQ(UART3_IRQn);
  fillTransmitter();
  NVIC_EnableIRQ(UART3_IRQn);
  if (taken > 0) isFifoBusy_ = true;
  return taken;
}

// No register tells of the shift register: it gets the time of one more byte.
bool Amb82Uart::isSent() {
  if (!toSend_.isEmpty() || serial_.uart_adp.base_addr->tflvr_b.tx_fifo_lv > 0) return false;
  const uint32_t nowMicros = hal_read_curtime_us();
  if (isFifoBusy_) fifoEmptyAtMicros_ = nowMicros;
  isFifoBusy_ = false;
  return nowMicros - fifoEmptyAtMicros_ >= lastByteMicros_;
}

size_t Amb82Uart::read(uint8_t *into, size_t capacityBytes) {
  size_t taken = 0;
  while (taken < capacityBytes && received_.pop(into + taken)) taken++;
  return taken;
}

void Amb82Uart::setRate(uint32_t bitsPerSecond) {
  // 10 bits and a margin.
  lastByteMicros_ = 12 * 1000000 / bitsPerSecond + 1;
  serial_baud(&serial_, static_cast<int>(bitsPerSecond));
}

}  // namespace skyfeeder
