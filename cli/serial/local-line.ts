import type { SerialPort } from "serialport";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import type { ControlLines, LineEnd, SerialLine } from "./serial-line.ts";

type Callback = (error: Error | null | undefined) => void;

/** A port of this computer, by node-serialport. */
export async function openLocalLine(path: string, baudRate: number): Promise<Outcome<SerialLine>> {
  const { SerialPort } = await import("serialport");
  // Without hupcl the kernel leaves the lines alone when the port is closed.
  const port = new SerialPort({ path, baudRate, autoOpen: false, hupcl: false });
  const opened = await settled((callback) => port.open(callback));
  if (opened !== undefined) return cannotOpen(path, opened);
  // The kernel raises both when it opens a port, which means nothing to a board; together they go down again.
  const refused = await settled((callback) => port.set({ dtr: false, rts: false }, callback));
  return done(new LocalLine(port, refused === undefined));
}

class LocalLine implements SerialLine {
  readonly path: string;
  readonly hasControlLines: boolean;
  hear: SerialLine["hear"] = () => {};
  readonly ended: Promise<LineEnd>;
  readonly #port: SerialPort;
  #dtr = false;
  #rts = false;

  constructor(port: SerialPort, hasControlLines: boolean) {
    this.path = port.path;
    this.hasControlLines = hasControlLines;
    this.#port = port;
    wakeForBytes(port);
    port.on("data", (bytes: Buffer) => this.hear(bytes));
    const { promise, resolve } = Promise.withResolvers<LineEnd>();
    this.ended = promise;
    port.on("close", (error: Error | null) => resolve(error ? "unplugged" : "closed"));
    // A port that cannot be read any more is not always closed by the driver.
    port.on("error", () => port.isOpen && port.close());
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    const written = await this.#done((callback) => this.#port.write(bytes, callback));
    return written && this.#done((callback) => this.#port.drain(callback));
  }

  async setSignals({ dataTerminalReady, requestToSend }: ControlLines): Promise<boolean> {
    this.#dtr = dataTerminalReady ?? this.#dtr;
    this.#rts = requestToSend ?? this.#rts;
    if (!this.hasControlLines) return this.#port.isOpen;
    // Both, always: what is left out node-serialport raises.
    const lines = { dtr: this.#dtr, rts: this.#rts };
    return this.#done((callback) => this.#port.set(lines, callback));
  }

  setBaudRate(bitsPerSecond: number): Promise<boolean> {
    return this.#done((callback) => this.#port.update({ baudRate: bitsPerSecond }, callback));
  }

  async close(): Promise<void> {
    if (this.#port.isOpen) await settled((callback) => this.#port.close(callback));
  }

  /** What fails on an open port fails because nobody is there any more. */
  async #done(start: (callback: Callback) => void): Promise<boolean> {
    if (!this.#port.isOpen) return false;
    const ended = this.ended.then(() => new Error("ended"));
    const error = await Promise.race([settled(start), ended]);
    if (error === undefined) return true;
    await this.close();
    return false;
  }
}

/**
 * The library hears of bytes in a callback behind which Node 26 runs no promise: they would be read when something else
 * happens, with nothing else to do never (serialport/bindings-cpp, pull request 239).
 */
function wakeForBytes({ port }: SerialPort): void {
  if (port === undefined || !("poller" in port)) return;
  for (const event of ["readable", "writable"]) port.poller.on(event, () => setImmediate(() => {}));
}

function settled(start: (callback: Callback) => void): Promise<Error | undefined> {
  return new Promise((resolve) => start((error) => resolve(error ?? undefined)));
}

function cannotOpen(path: string, { message }: Error): Failed {
  if (/no such file|not found|ENOENT/i.test(message)) {
    const hint = "plug it in, and see: npm run -s skyfeeder -- ports";
    return failed("port_not_found", `there is no port ${path}`, hint, EXIT.notFound);
  }
  if (/permission denied|access (is )?denied|EACCES/i.test(message)) {
    return failed("port_forbidden", `you may not use ${path}`, permissionHint(), EXIT.missing);
  }
  if (/temporarily unavailable|cannot lock|busy/i.test(message)) {
    const hint = "close the other program that has it open, a monitor for example";
    return failed("port_busy", `${path} is in use`, hint, EXIT.failed);
  }
  const hint = "name a serial port: npm run -s skyfeeder -- ports";
  return failed("port_unusable", `cannot open ${path}: ${message}`, hint, EXIT.failed);
}

/** How a port's files become yours. */
export function permissionHint(): string {
  if (process.platform !== "linux") return "close the other program that has it open";
  return "sudo usermod -aG dialout $USER (uucp on Arch), and log in again";
}
