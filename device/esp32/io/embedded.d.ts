/**
 * The part of the Moddable SDK that device/esp32/io uses, so that tsc on the host checks the adapters; networks are in
 * embedded-network.d.ts. mcconfig checks them a second time against the SDK's own typings, where these files are left
 * out: a signature here may be narrower than the SDK's, never wider, and it repeats the SDK's mistakes (an HTTP write
 * that is said to return nothing) because both checks must accept the same code.
 */

declare function trace(...text: string[]): void;

declare module "timer" {
  class Timer {
    private constructor();
    static set: (elapsed: () => void, delayMs?: number) => Timer;
    static clear: (timer: Timer | undefined) => void;
    private brand: boolean;
  }

  export { Timer as default };
}

declare module "time" {
  const Time: { ticks: number; set(epochSeconds: number): void };

  export { Time as default };
}

declare module "crypt" {
  export class Digest {
    constructor(type: "SHA256");
    write(message: ArrayBuffer): void;
    close(): ArrayBuffer;
  }
}

declare module "text/decoder" {
  const TextDecoder: { new (): { decode(bytes: Uint8Array): string } };

  export { TextDecoder as default };
}

declare module "text/encoder" {
  const TextEncoder: { new (): { encode(text: string): Uint8Array } };

  export { TextEncoder as default };
}

declare module "mc/config" {
  const config: Readonly<Record<string, unknown>>;

  export { config as default };
}

/** The functions of manifest.json's "ffi"; the C is in device/esp32/native. */
declare module "mc/ffi" {
  export default class FFI {
    camera_wire_open(txPin: number, rxPin: number, bitsPerSecond: number): number;
    camera_wire_receive(into: ArrayBuffer, offsetBytes: number, lengthBytes: number): number;
    camera_wire_send(from: ArrayBuffer, offsetBytes: number, lengthBytes: number): number;
    camera_wire_sent(): number;
    camera_wire_set_rate(bitsPerSecond: number): number;
    camera_wire_noise(): number;
    camera_wire_line_errors(): number;
    camera_wire_close(): void;
    hx711_open(dataPin: number, clockPin: number): number;
    hx711_read(): number;
    restart_board(): void;
    reset_reason(): number;
    station_mac(into: ArrayBuffer, offsetBytes: number, lengthBytes: number): number;
    access_point_address(a: number, b: number, c: number, d: number): number;
    rtc_memory_read(into: ArrayBuffer, offsetBytes: number, lengthBytes: number): void;
    rtc_memory_write(from: ArrayBuffer, offsetBytes: number, lengthBytes: number): void;
    app_slot_running(): number;
    app_slot_state(which: number): number;
    app_slot_description(
      which: number,
      into: ArrayBuffer,
      offsetBytes: number,
      lengthBytes: number,
    ): number;
    app_slot_open_other(): number;
    app_slot_select_other(): number;
    app_slot_confirm(): number;
    app_slot_reject(): number;
  }
}

declare module "embedded:io/analog" {
  class Analog {
    constructor(options: { pin: number });
    /** Bits of a reading. */
    readonly resolution: number;
    read(): number;
  }
  export default Analog;
}

declare module "embedded:io/digital" {
  class Digital {
    static readonly InputPullUp: number;
    static readonly InputPullDown: number;
    static readonly Output: number;
    static readonly Rising: number;
    static readonly Falling: number;
    constructor(options: {
      pin: number;
      mode: number;
      initialValue?: 0 | 1;
      edge?: number;
      onReadable?: () => void;
    });
    read(): 0 | 1;
    write(value: 0 | 1): void;
  }
  export default Digital;
}

declare module "embedded:io/pwm" {
  class PWM {
    constructor(options: { pin: number });
    /** Bits of a value; all of them set: always high. */
    readonly resolution: number;
    write(value: number): void;
  }
  export default PWM;
}

declare module "embedded:io/serial" {
  class Serial {
    constructor(options: {
      port: number;
      baud: number;
      receive: number;
      transmit: number;
      format: "buffer";
      onReadable?: (this: Serial, bytes: number) => void;
      onWritable?: (this: Serial, bytes: number) => void;
    });
    read(buffer: ArrayBuffer | Uint8Array): number | undefined;
    write(bytes: ArrayBuffer | Uint8Array): void;
    close(): void;
  }
  export default Serial;
}

declare module "embedded:storage/flash" {
  export class Flash {
    read(buffer: Uint8Array, byteOffset: number): number;
    write(buffer: Uint8Array, byteOffset: number): void;
    eraseBlock(start: number): void;
    status(): { size: number; blockLength: number };
  }
  const storage: { open(options: { path: string }): Flash };
  export default storage;
}

declare module "embedded:storage/key-value" {
  export class Storage {
    read(key: string): unknown;
    write(key: string, value: string): void;
    delete(key: string): void;
  }
  const storage: { open(options: { path: string; format: "string" }): Storage };
  export default storage;
}
