/** The lines that a development board's reset circuit hangs on; what is left out stays as it is. */
export interface ControlLines {
  readonly dataTerminalReady?: boolean | undefined;
  readonly requestToSend?: boolean | undefined;
}

export type LineEnd = "closed" | "unplugged";

/** A serial port, of this computer or of another. Opening it leaves the board running. */
export interface SerialLine {
  readonly path: string;
  /** A pseudo-terminal has none: no tool can reset what is behind it. */
  readonly hasControlLines: boolean;
  /** Takes the bytes as they come. */
  hear: (bytes: Uint8Array) => void;
  /** Resolves when nothing will come or go any more. */
  readonly ended: Promise<LineEnd>;
  /** Resolves when the bytes have left the computer; false: the line has ended. The other two answer the same. */
  write(bytes: Uint8Array): Promise<boolean>;
  setSignals(lines: ControlLines): Promise<boolean>;
  setBaudRate(bitsPerSecond: number): Promise<boolean>;
  close(): Promise<void>;
}
