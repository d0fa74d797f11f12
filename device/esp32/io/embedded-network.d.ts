/** The network half of embedded.d.ts; what is said there holds here. */

declare module "net" {
  /** "DNS": what the network's DHCP offered; undefined where the platform does not say. */
  const Net: {
    get(property: "DNS"): string[] | undefined;
    get(property: "IP", network: "ap"): string | undefined;
  };
  export default Net;
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
