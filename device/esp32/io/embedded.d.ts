/**
 * The part of the Moddable SDK that device/esp32/io uses, so that tsc on the host checks the adapters.
 * mcconfig checks them a second time against the SDK's own typings, where this file is left out: a signature
 * here may be narrower than the SDK's, never wider, and it repeats the SDK's mistakes (an HTTP write that is
 * said to return nothing) because both checks must accept the same code.
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

declare module "net" {
  /** "DNS": what the network's DHCP offered; undefined where the platform does not say. */
  const Net: {
    get(property: "DNS"): string[] | undefined;
    get(property: "IP", network: "ap"): string | undefined;
  };
  export default Net;
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

declare module "embedded:io/socket/tcp" {
  export default class TCP {
    constructor(options: {
      from: TCP;
      onReadable?: (count: number) => void;
      onWritable?: (count: number) => void;
      onError?: () => void;
    });
    read(): number | ArrayBuffer;
    write(bytes: Uint8Array): void;
    close(): void;
    private brand: boolean;
  }
}

declare module "embedded:io/socket/listener" {
  import type TCP from "embedded:io/socket/tcp";

  export default class Listener {
    constructor(options: { port: number; onReadable: (count: number) => void });
    read(): TCP | undefined;
  }
}

declare module "embedded:io/socket/udp" {
  export default class UDP {
    constructor(options: { port: number; onReadable: (count: number) => void });
    read(): ArrayBuffer & { address: string; port: number };
    write(bytes: Uint8Array, address: string, port: number): void;
    private brand: boolean;
  }
}

declare module "embedded:network/dns/resolver/udp" {
  class Resolver {
    constructor(options: { servers: readonly string[]; socket: { io: unknown } });
    resolve(query: {
      host: string;
      onResolved: (host: string, address: string) => null;
      onError: (host: string) => null;
    }): void;
    close(): void;
  }
  export default Resolver;
}

declare module "embedded:network/http/client" {
  export interface HTTPRequest {
    read(byteLength?: number): ArrayBuffer | undefined;
    write(bytes: Uint8Array): void;
  }
  export default class HTTPClient {
    constructor(options: {
      host: string;
      port?: number;
      dns: object;
      socket: object;
      onError?: () => void;
    });
    request(options: {
      method?: string;
      path?: string;
      headers?: Map<string, string>;
      onHeaders?: (this: HTTPRequest, status: number, headers: Map<string, string>) => void;
      onReadable?: (this: HTTPRequest, count: number) => void;
      onWritable?: (this: HTTPRequest, count: number) => void;
      onDone?: (this: HTTPRequest, error: Error | null) => void;
    }): HTTPRequest;
    close(): void;
  }
}

declare module "embedded:network/websocket/client" {
  class WebSocketClient {
    constructor(options: {
      host: string;
      port: number;
      path: string;
      dns: { io: new (options: never) => unknown };
      socket: { io: new (options: never) => unknown };
      onReadable?: (
        this: WebSocketClient,
        count: number,
        options: { more: boolean; binary: boolean },
      ) => void;
      onWritable?: (this: WebSocketClient, count: number) => void;
      onControl?: (this: WebSocketClient, opcode: number, payload?: ArrayBuffer) => void;
      onClose?: (this: WebSocketClient) => void;
      onError?: (this: WebSocketClient) => void;
    });
    read(count: number): ArrayBuffer;
    write(bytes: Uint8Array, options?: { opcode?: number; binary?: boolean }): number;
    close(): void;
    static readonly close: 8;
  }
  export default WebSocketClient;
}

declare module "embedded:network/mqtt/client" {
  class MQTTClient {
    constructor(options: {
      host: string;
      port: number;
      dns: { io: new (options: never) => unknown };
      socket: { io: new (options: never) => unknown };
      id: string;
      user: string;
      password?: string;
      clean: boolean;
      keepAlive: number;
      will: { topic: string; message: string; QoS: number; retain: boolean };
      onReadable?: (count: number, options: { more: boolean; topic?: string }) => void;
      onWritable?: (count: number) => void;
      /** The SDK's typing has a number first and the message second; its client calls back with the message alone. */
      onControl?: (message: unknown) => void;
      onError?: () => void;
    });
    read(count: number): ArrayBuffer;
    write(
      bytes: Uint8Array,
      options: {
        topic: string;
        operation?: number;
        id?: number;
        QoS?: number;
        retain?: boolean;
        items?: { topic: string; QoS: number }[];
      },
    ): number;
    close(): void;
    static readonly SUBSCRIBE: 8;
    static readonly SUBACK: 9;
  }
  export default MQTTClient;
}

declare module "embedded:network/interface/wifi" {
  class WiFi {
    constructor(options: { onChanged?: (property: "connection" | "address") => void });
    connect(options: { SSID: string; password?: string }): void;
    /** Throws while it joins. */
    scan(options: {
      onFound: (station: { SSID: string; RSSI: number }) => void;
      onComplete?: () => void;
    }): void;
    disconnect(): void;
    /** 200 idle, 300 joining, 400 associated without an address, 500 usable. */
    readonly connection: number;
  }
  export default WiFi;
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

/** The SDK's older module: `embedded:network/interface/wifi` has no network of its own. */
declare module "wifi" {
  class WiFi {
    constructor(
      options: undefined,
      callback: (
        message: "connect" | "gotIP" | "disconnect" | "station_connect" | "station_disconnect",
      ) => void,
    );
    static scan(
      options: object,
      callback: (station: { ssid: string; rssi: number; authentication: string } | null) => void,
    ): void;
    static connect(options: { ssid: string; password?: string }): void;
    static disconnect(): void;
    static accessPoint(options: { ssid: string; password: string; max: number }): void;
    static mode: -5 | 0 | 1 | 2 | 3;
  }

  export { WiFi as default };
}
