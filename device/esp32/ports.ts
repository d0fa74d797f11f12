/**
 * What the feeder needs from the world, named for the need. device/esp32/io has one adapter a port;
 * everything else in the firmware sees only these shapes.
 */

import type { FrameWire } from "../amb82-bridge/link/frame-wire.ts";

export interface TimerHandle {
  cancel(): void;
}

export interface Time {
  /** Milliseconds since boot; never goes back. */
  monotonicMs(): number;
  /** Calls back once, never before `delayMs` has passed and never from inside this call. */
  after(delayMs: number, elapsed: () => void): TimerHandle;
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

/** The wires to the camera, behind a ring buffer that is filled while the firmware is busy. */
export interface CameraWire extends FrameWire {
  /** Installs the driver at 115200 baud and discards what arrived before. */
  open(): void;
  close(): void;
}

/** NOR flash: erased bytes are 0xff, and programming only clears bits. Offsets are from the partition's start. */
export interface SpoolFlash {
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

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: HttpBody;
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

export interface WebSocketEvents {
  opened(): void;
  /** One whole text message. */
  message(text: string): void;
  /** Exactly once, also when the connection never opened. */
  closed(reason: string): void;
}

export interface WebSocketConnection {
  /** False when it could not be queued whole: the message was not sent. */
  send(text: string): boolean;
  /** Ends the connection; `closed` is still called. */
  close(): void;
}

export interface WebSockets {
  /** `ws://` or `wss://`. No callback from inside this call. */
  open(url: string, connectTimeoutMs: number, events: WebSocketEvents): WebSocketConnection;
}

export interface Network {
  /** Joins the configured Wi-Fi and keeps rejoining; reports each change. */
  start(changed: (online: boolean) => void): void;
}

export interface KeyValueStore {
  read(key: string): string | undefined;
  write(key: string, value: string): void;
}

export type LogLevel = "info" | "warn" | "error";

export interface Log {
  write(level: LogLevel, tag: string, text: string): void;
}

export interface Ports {
  readonly time: Time;
  readonly entropy: Entropy;
  readonly presence: PresenceSensor;
  readonly scale: Scale;
  readonly wakeLine: WakeLine;
  /** Undefined where the camera's supply is not switched. */
  readonly cameraSupply: CameraSupply | undefined;
  readonly cameraWire: CameraWire;
  readonly spoolFlash: SpoolFlash;
  createSha256(): Sha256;
  readonly http: Http;
  readonly webSockets: WebSockets;
  readonly network: Network;
  readonly store: KeyValueStore;
  readonly log: Log;
}
