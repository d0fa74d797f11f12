import { callBoard, callForNumber } from "./board-port.ts";

/** `mc/ffi`: the functions of manifest.json, which are C in device/esp32/native. */
export default class FFI {
  uart_ring_open(txPin: number, rxPin: number, bitsPerSecond: number): number {
    return callForNumber("uart.open", txPin, rxPin, bitsPerSecond);
  }

  uart_ring_read(into: ArrayBuffer, offsetBytes: number, lengthBytes: number): number {
    return callForNumber("uart.read", new Uint8Array(into, offsetBytes, lengthBytes));
  }

  uart_ring_write(from: ArrayBuffer, offsetBytes: number, lengthBytes: number): number {
    return callForNumber("uart.write", new Uint8Array(from, offsetBytes, lengthBytes));
  }

  uart_ring_line_errors(): number {
    return callForNumber("uart.line_errors");
  }

  uart_ring_close(): void {
    callBoard("uart.close");
  }

  hx711_open(dataPin: number, clockPin: number): number {
    return callForNumber("hx711.open", dataPin, clockPin);
  }

  hx711_read(): number {
    return callForNumber("hx711.read");
  }

  restart_board(): void {
    callBoard("board.restart");
  }
}
