import type { WifiCredentials } from "../network/home-wifi.ts";
import type { PlannedEvent } from "../world.ts";

export interface CameraUpload {
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** `closed`: the server ended the connection without a status. */
export type UploadOutcome =
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: "join_failed" | "connect_failed" | "closed" | "timeout" | "bad_url" };

/** What the camera's current depends on. `idle`: awake without work. */
export type CameraActivity = "idle" | "still" | "clip" | "transfer" | "join" | "upload";

/** The camera board as its firmware sees it; everything planned here ends with the board's power. */
export interface CameraHost {
  nowMs(): number;
  later(delayMs: number, run: () => void): PlannedEvent;
  transmit(bytes: Uint8Array): void;
  /** When no more than so many bytes wait to leave the transmitter. */
  roomAtMs(queuedBytes: number): number;
  setRate(bitsPerSecond: number): void;
  /** A fault: what was taken is never offered. */
  isMute(): boolean;
  /** The picture the sensor sees now, a JPEG. */
  takeStill(quality: number): Uint8Array;
  readonly makesClips: boolean;
  /** The last `seconds` the sensor saw, an AVI. */
  takeClip(seconds: number, quality: number): Uint8Array;
  join(network: WifiCredentials, done: (joined: boolean) => void): void;
  /** Joins, sends, leaves. */
  upload(
    network: WifiCredentials,
    upload: CameraUpload,
    done: (outcome: UploadOutcome) => void,
  ): void;
  /** Kept over deep sleep. */
  credentials(): WifiCredentials | undefined;
  storeCredentials(credentials: WifiCredentials): void;
  doing(activity: CameraActivity): void;
  trace(what: string): void;
  sleep(): void;
}

/** One boot of a camera's firmware. */
export interface CameraRun {
  receive(bytes: Uint8Array): void;
}

/** Starts the firmware; `bootNumber` never repeats on this board. */
export type CameraFirmware = (host: CameraHost, bootNumber: number) => CameraRun;
