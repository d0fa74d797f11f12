/**
 * What the feeder needs from the world, named for the need. device/esp32/io has one adapter a port;
 * everything else in the firmware sees only these shapes.
 */

import type { WifiCredentials } from "../../protocol/wifi-credentials.ts";
import type { FrameWire } from "../amb82-bridge/link/frame-wire.ts";
import type { Mqtt, WebSockets } from "./session-ports.ts";
import type { Button } from "./setup-ports.ts";

export interface TimerHandle {
  cancel(): void;
}

export interface Time {
  /** Milliseconds since boot; never goes back. */
  monotonicMs(): number;
  /** Calls back once, never before `delayMs` has passed and never from inside this call. */
  after(delayMs: number, elapsed: () => void): TimerHandle;
}

/** The time of day as TLS has it, which judges certificates. */
export interface WallClock {
  learn(epochMs: number): void;
}

export interface Entropy {
  /** Uniform in [0, 1). */
  uniform(): number;
}

/** A passive infrared sensor's output: true while something warm moves. */
export interface PresenceSensor {
  start(changed: (present: boolean) => void): void;
}

export interface Scale {
  /** The newest conversion in grams; undefined while none is ready. */
  readGrams(): number | undefined;
}

/** GPIO16, wired to the camera board's PA_2: a rising edge wakes it from deep sleep. */
export interface WakeLine {
  set(high: boolean): void;
}

/** Switches the camera board's supply, where the feeder is wired for it. */
export interface CameraSupply {
  set(on: boolean): void;
}

/** The LED on the board itself. */
export interface StatusLed {
  /** Of the time: 0 is dark, 100 as bright as it can be. */
  set(percent: number): void;
}

/** The wires to the camera, behind a ring buffer that is filled while the firmware is busy. */
export interface CameraWire extends FrameWire {
  /** Installs the driver at 115200 baud and discards what arrived before. */
  open(): void;
  close(): void;
}

/** NOR flash: erased bytes are 0xff, and programming only clears bits. Offsets are from the partition's start. */
export interface FlashPartition {
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  read(partitionOffsetBytes: number, into: Uint8Array): void;
  program(partitionOffsetBytes: number, bytes: Uint8Array): void;
  eraseSector(sector: number): void;
}

export interface Sha256 {
  write(bytes: Uint8Array): void;
  /** Lower-case hex; the digest is used up. */
  finish(): string;
}

export interface HttpBody {
  readonly lengthBytes: number;
  /**
   * Copies the next bytes of the body to the start of `into`; answers how many. Zero: none have come yet. Undefined:
   * the rest never will.
   */
  read(into: Uint8Array): number | undefined;
  /**
   * Only of a body whose bytes are still on their way. Asked once after each read of zero; calls `resume` once, never from
   * inside this call, when `read` has something else to say.
   */
  whenReadable?(resume: () => void): void;
}

/** Takes the body of an answer as it comes; `HttpResult.body` is then empty. */
export interface HttpSink {
  /** Without a byte for so long the exchange has failed: "timeout". */
  readonly idleTimeoutMs: number;
  /** Once, before any of the body; names in lower case. False: the exchange ends here, as answered. */
  begin(status: number, header: (name: string) => string | undefined): boolean;
  /** The bytes are lent. False: the exchange ends here, as answered. */
  write(bytes: Uint8Array): boolean;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A question for the server's own API, which wants to know who asks. */
  readonly asDevice?: true;
  readonly body?: HttpBody;
  readonly sink?: HttpSink;
  /** The whole exchange, connect to last byte: a TLS failure may never call back on Moddable. */
  readonly timeoutMs: number;
}

export type HttpResult =
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "failed"; readonly reason: HttpFailure };

/** Stable: shown in logs and in upload_status. */
export type HttpFailure = "timeout" | "connection" | "body_broken" | "answer_too_large" | "bad_url";

export interface Http {
  /** Calls `done` exactly once, never from inside this call. How many at a time is the caller's rule. */
  request(request: HttpRequest, done: (result: HttpResult) => void): void;
}

/** Exchanges that take long, or belong together, take turns. */
export interface HttpLane extends Http {
  /** Calls `start` when its turn comes, perhaps at once; `leave` ends the turn. */
  takeTurn(start: (leave: () => void) => void): void;
}

export interface Network {
  /** Joins the configured Wi-Fi and keeps rejoining; reports each change. */
  start(changed: (online: boolean) => void): void;
}

/** One network the radio hears. */
export interface NearbyNetwork {
  readonly ssid: string;
  readonly rssiDbm: number;
  readonly secured: boolean;
}

/** Stable: shown by Improv's user, the portal, the log. */
export type JoinFailure = "wrong_password" | "network_not_found" | "no_address" | "timeout";

export type JoinResult =
  | { readonly kind: "joined" }
  | { readonly kind: "failed"; readonly reason: JoinFailure };

/** Looks for networks and tries one, whatever the feeder uses now. */
export interface WifiSetup {
  /** The strongest first, each name once, at most limits.ts' NEARBY_NETWORKS_MAX. Calls back exactly once. */
  scan(done: (networks: readonly NearbyNetwork[]) => void): void;
  /** Leaves the network in use. Calls back exactly once. Stays joined on success. */
  join(credentials: WifiCredentials, timeoutMs: number, done: (result: JoinResult) => void): void;
}

/** UART0, between the lines of the log: bytes from and to whoever is at the other end of the cable. */
export interface ConsoleWire {
  /** The bytes are lent. */
  start(received: (bytes: Uint8Array) => void): void;
  /** In one piece, soon; dropped where too many wait. At most limits.ts' CONSOLE_PACKET_BYTES_MAX. */
  send(packet: Uint8Array): void;
}

export interface KeyValueStore {
  read(key: string): string | undefined;
  write(key: string, value: string): void;
  delete(key: string): void;
}

export type ResetReason =
  | "power_on"
  | "external"
  | "software"
  | "panic"
  | "watchdog"
  | "deep_sleep"
  | "brownout"
  | "unknown";

/** ESP-IDF's states of an app slot (esp_ota_img_states_t); `none`: otadata says nothing of it. */
export type SlotState = "new" | "pending" | "valid" | "invalid" | "aborted" | "none";

/** What an image says of itself (esp_app_desc_t). */
export interface AppDescription {
  readonly project: string;
  readonly version: string;
  /** Lower-case hex. */
  readonly elfSha256: string;
  /** Milliseconds since the epoch; undefined where the image does not say. */
  readonly builtAtMs: number | undefined;
}

/** The two places an image can run from. `runningImage` and `otherImage` are flash; the rest is otadata. */
export interface AppSlots {
  readonly running: AppDescription;
  /** 0 or 1. */
  readonly runningSlot: number;
  runningState(): SlotState;
  otherState(): SlotState;
  /** Undefined where the other slot holds no description. */
  readOther(): AppDescription | undefined;
  readonly otherImage: FlashPartition;
  readonly runningImage: Pick<FlashPartition, "read">;
  /** Before the other slot is written: it is no longer one to boot from. False while the running image is pending. */
  openOther(): boolean;
  /** Verifies the other slot's image as the bootloader will, and selects it for the next boot. */
  selectOther(): boolean;
  /** The running image is good: no reset reverts it any more. */
  confirm(): void;
  /** The running image is not: restarts into the other. Returns only when there is no other that boots. */
  reject(): void;
}

/** The board itself. */
export interface Board {
  /** Its station's address, 12 lower-case hex digits: the name of a feeder that was given none. */
  readonly mac: string;
  /** Why it started this time. */
  readonly resetReason: ResetReason;
  restart(): void;
  /** 64 bytes that outlive every reset and no loss of power; then they are noise. */
  readRetained(): Uint8Array;
  writeRetained(bytes: Uint8Array): void;
}

export interface Battery {
  /** Undefined where none is measured. */
  millivolts(): number | undefined;
}

/** ES256 (RFC 7518, section 3.4) with the keys that are baked into this image. */
export interface ManifestKeys {
  /** Of a development build: it alone takes images without a signature. */
  readonly isDevelopment: boolean;
  /** Undefined when this image has no such key. */
  verify(
    kid: string,
    signingInput: string,
    signature: Uint8Array<ArrayBuffer>,
  ): boolean | undefined;
}

export type LogLevel = "info" | "warn" | "error";

export interface Log {
  write(level: LogLevel, tag: string, text: string): void;
}

/** Everything that is logged, the adapters' lines too. */
export interface LogFeed {
  /** Each line, as it is written, also goes to this one. */
  readBy(reader: Log): void;
}

export interface Ports {
  readonly time: Time;
  readonly wallClock: WallClock;
  readonly entropy: Entropy;
  readonly presence: PresenceSensor;
  readonly scale: Scale;
  readonly wakeLine: WakeLine;
  /** Undefined where the camera's supply is not switched. */
  readonly cameraSupply: CameraSupply | undefined;
  readonly statusLed: StatusLed;
  readonly cameraWire: CameraWire;
  readonly spoolFlash: FlashPartition;
  readonly appSlots: AppSlots;
  readonly board: Board;
  readonly battery: Battery;
  readonly manifestKeys: ManifestKeys;
  createSha256(): Sha256;
  readonly http: Http;
  readonly webSockets: WebSockets;
  readonly mqtt: Mqtt;
  readonly network: Network;
  readonly wifiSetup: WifiSetup;
  /** Undefined where a debugger has UART0. */
  readonly consoleWire: ConsoleWire | undefined;
  readonly button: Button;
  readonly store: KeyValueStore;
  readonly log: Log;
  readonly logFeed: LogFeed;
}
