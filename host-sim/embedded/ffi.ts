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

  reset_reason(): number {
    return callForNumber("board.reset_reason");
  }

  station_mac(into: ArrayBuffer, offsetBytes: number, lengthBytes: number): number {
    return callForNumber("board.station_mac", new Uint8Array(into, offsetBytes, lengthBytes));
  }

  access_point_address(a: number, b: number, c: number, d: number): number {
    return callForNumber("access_point.address", a, b, c, d);
  }

  rtc_memory_read(into: ArrayBuffer, offsetBytes: number, lengthBytes: number): void {
    callBoard("rtc_memory.read", new Uint8Array(into, offsetBytes, lengthBytes));
  }

  rtc_memory_write(from: ArrayBuffer, offsetBytes: number, lengthBytes: number): void {
    callBoard("rtc_memory.write", new Uint8Array(from, offsetBytes, lengthBytes));
  }

  app_slot_running(): number {
    return callForNumber("app_slot.running");
  }

  app_slot_state(which: number): number {
    return callForNumber("app_slot.state", which);
  }

  app_slot_description(
    which: number,
    into: ArrayBuffer,
    offsetBytes: number,
    lengthBytes: number,
  ): number {
    const view = new Uint8Array(into, offsetBytes, lengthBytes);
    return callForNumber("app_slot.description", which, view);
  }

  app_slot_open_other(): number {
    return callForNumber("app_slot.open_other");
  }

  app_slot_select_other(): number {
    return callForNumber("app_slot.select_other");
  }

  app_slot_confirm(): number {
    return callForNumber("app_slot.confirm");
  }

  app_slot_reject(): number {
    return callForNumber("app_slot.reject");
  }
}
