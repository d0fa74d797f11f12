import type { Engine } from "../engines/guest-port.ts";
import type { BootloaderBuild } from "./bootloader.ts";
import type { Flash } from "./flash.ts";

export interface Firmware {
  readonly product: string;
  readonly version: string;
  readonly javascript: string;
  readonly partitionCsv: string;
}

/** Bytes that are flashed as they are, good or not. */
export interface FactoryImage {
  readonly image: Uint8Array;
  readonly slot: 0 | 1;
  readonly partitionCsv: string;
}

export interface BoardOptions {
  readonly deviceId: string;
  readonly serverUrl: string;
  /** A chip is used as it is, its NVS too: it comes from another board. */
  readonly firmware: Firmware | FactoryImage | Flash;
  readonly engine: Engine;
  /** The camera's supply hangs on a pin of this board. */
  readonly cameraSupply?: boolean;
  /** Nobody has given it anything. */
  readonly bare?: boolean;
  /** What it has in NVS beyond what every provisioned board has, or a bare one, by "namespace/key". */
  readonly nvs?: Readonly<Record<string, string>>;
  /**
   * The world fails when the firmware hangs, throws where nobody catches it or restarts behind an error in its log, and
   * when nothing on the flash boots. True, except where a test is about firmware that does.
   */
  readonly bugsAreFatal?: boolean;
  /** As the SDK builds with -d or -i: UART0 is its debugger's, which claims the pins (debugger_uart.c). */
  readonly debuggerHasUart0?: boolean;
  /** What its bootloader was built with; it is never updated. */
  readonly bootloader?: BootloaderBuild;
  readonly log?: (line: string) => void;
}
