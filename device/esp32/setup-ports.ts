/** What it takes to set a feeder up: the button that asks for it, and what that boot has in place of a feeder's network. */
import type { WifiSetup } from "./ports.ts";

/** GPIO0, which is low while it is pressed. One that is held at the start is not told of. */
export interface Button {
  start(changed: (isDown: boolean) => void): void;
}

/** The board's own network, for whoever sets it up. */
export interface AccessPoint {
  open(ssid: string, password: string): void;
  close(): void;
  /** Of the board in it, once it is open: four numbers. */
  address(): readonly number[];
}

/** What others connect to. */
export interface StreamServer {
  /** `connected` says who takes what comes; undefined: nobody, and the connection is closed. */
  listen(
    portNumber: number,
    connected: (connection: StreamConnection) => StreamEvents | undefined,
  ): void;
}

export interface StreamConnection {
  /** No more than there is room for; answers how much room is left. */
  write(bytes: Uint8Array): number;
  /** What was written is still sent. No event afterwards. */
  close(): void;
}

export interface StreamEvents {
  received(bytes: Uint8Array): void;
  /** There is room for so many bytes, and more as they are sent. */
  writable(roomBytes: number): void;
  /** By the other end, or by a network that is gone. */
  closed(): void;
}

export interface DatagramServer {
  /** `answer` says what goes back to who sent it. */
  listen(portNumber: number, answer: (bytes: Uint8Array) => Uint8Array | undefined): void;
}

/** What there is instead of the feeder's network in the boot in which it is set up. */
export interface SetupPorts {
  readonly wifiSetup: WifiSetup;
  readonly accessPoint: AccessPoint;
  readonly streams: StreamServer;
  readonly datagrams: DatagramServer;
}
