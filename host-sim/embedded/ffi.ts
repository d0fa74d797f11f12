import { callBoard, callForNumber } from "./board-port.ts";

/** `mc/ffi`: the functions of manifest.json, which are C in device/esp32/native. */
export default class FFI {
  camera_wire_open(txPin: number, rxPin: number, bitsPerSecond: number): number {
    return callForNumber("camera_wire.open", txPin, rxPin, bitsPerSecond);
  }

  camera_wire_receive(into: ArrayBuffer, offsetBytes: number, lengthBytes: number): number {
    return callForNumber("camera_wire.receive", new Uint8Array(into, offsetBytes, lengthBytes));
  }

  camera_wire_send(from: ArrayBuffer, offsetBytes: number, lengthBytes: number): number {
    return callForNumber("camera_wire.send", new Uint8Array(from, offsetBytes, lengthBytes));
  }

  camera_wire_sent(): number {
    return callForNumber("camera_wire.sent");
  }

  camera_wire_set_rate(bitsPerSecond: number): number {
    return callForNumber("camera_wire.set_rate", bitsPerSecond);
  }

  camera_wire_noise(): number {
    return callForNumber("camera_wire.noise");
  }

  camera_wire_line_errors(): number {
    return callForNumber("camera_wire.line_errors");
  }

  camera_wire_close(): void {
    callBoard("camera_wire.close");
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
