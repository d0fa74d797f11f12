import { connect, type Socket } from "node:net";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import {
  ANSWER,
  baudBytes,
  COMMAND,
  CONTROL,
  encodeCommand,
  FRAMING,
  OPTION,
  OPTIONS,
} from "./com-port-option.ts";
import type { ControlLines, LineEnd, SerialLine } from "./serial-line.ts";
import { encodeData, encodeNegotiation, TelnetDecoder, type TelnetEvent } from "./telnet.ts";

const CONNECT_MS = 5_000;
/** What a server says to a change of its port; it may be behind Wi-Fi. */
const ANSWER_MS = 5_000;

export function isRfc2217(path: string): boolean {
  return path.startsWith("rfc2217://");
}

/** A port of another computer, or of a simulated board. */
export async function openRfc2217Line(
  path: string,
  baudRate: number,
): Promise<Outcome<SerialLine>> {
  const url = URL.parse(path);
  if (url === null || url.hostname === "" || url.port === "") {
    const message = `${path} is no address of a serial port`;
    return failed("bad_port_address", message, "--port rfc2217://localhost:4000", EXIT.usage);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = await connected(host, Number(url.port));
  if (socket instanceof Error) return unreachable(path, socket);
  const line = new Rfc2217Line(path, socket);
  if (await line.negotiate(baudRate)) return done(line);
  const isSilent = line.isOpen && !line.hasAnswered;
  await line.close();
  if (isSilent) return silent(path);
  const message = `what answers at ${path} speaks no RFC 2217`;
  return failed("port_unusable", message, "name a server of serial ports", EXIT.failed);
}

/** Some servers take the next program's connection and let it wait for its turn. */
function silent(path: string): Failed {
  const message = `${path} takes the connection and says nothing: another program has the port`;
  const hint = "close that one, such as skyfeeder monitor; or name a server of serial ports";
  return failed("port_busy", message, hint, EXIT.failed);
}

function connected(host: string, port: number): Promise<Socket | Error> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, timeout: CONNECT_MS });
    const fail = (error: Error) => {
      socket.destroy();
      resolve(error);
    };
    socket.once("error", fail);
    socket.once("timeout", () => fail(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

class Rfc2217Line implements SerialLine {
  readonly path: string;
  readonly hasControlLines = true;
  hear: SerialLine["hear"] = () => {};
  readonly ended: Promise<LineEnd>;
  readonly #socket: Socket;
  readonly #decoder = new TelnetDecoder();
  /** Who waits for an answer, in the order of asking. */
  readonly #waiting = new Map<number, (() => void)[]>();
  readonly #agreed = Promise.withResolvers<boolean>();
  hasAnswered = false;
  isOpen = true;
  #closing = false;

  constructor(path: string, socket: Socket) {
    this.path = path;
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<LineEnd>();
    this.ended = promise;
    socket.on("data", (chunk: Buffer) => {
      this.hasAnswered = true;
      for (const event of this.#decoder.decode(chunk)) this.#take(event);
    });
    // A close event follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.isOpen = false;
      this.#agreed.resolve(false);
      resolve(this.#closing ? "closed" : "unplugged");
    });
  }

  async negotiate(baudRate: number): Promise<boolean> {
    for (const option of OPTIONS) {
      this.#socket.write(encodeNegotiation("will", option));
      if (option !== OPTION.comPort) this.#socket.write(encodeNegotiation("do", option));
    }
    if (!(await within(this.#agreed.promise))) return false;
    if (!(await this.setBaudRate(baudRate))) return false;
    for (const [command, value] of FRAMING) {
      if (!(await this.#command(command, [value]))) return false;
    }
    // No modem states: nobody here looks at them.
    if (!(await this.#command(COMMAND.modemStateMask, [0]))) return false;
    return this.setSignals({ dataTerminalReady: false, requestToSend: false });
  }

  write(bytes: Uint8Array): Promise<boolean> {
    if (!this.isOpen) return Promise.resolve(false);
    const written = new Promise<boolean>((resolve) => {
      this.#socket.write(encodeData(bytes), (error) => resolve(!error));
    });
    return Promise.race([written, this.ended.then(() => false)]);
  }

  /** In one go, for EN rises within milliseconds. RTS alone is a reset, so it goes down first and comes up last. */
  async setSignals({ dataTerminalReady: dtr, requestToSend: rts }: ControlLines): Promise<boolean> {
    const changes: number[] = [];
    if (rts === false) changes.push(CONTROL.rtsOff);
    if (dtr !== undefined) changes.push(dtr ? CONTROL.dtrOn : CONTROL.dtrOff);
    if (rts === true) changes.push(CONTROL.rtsOn);
    const answers = changes.map((value) => this.#command(COMMAND.control, [value]));
    const all = await Promise.all(answers);
    return this.isOpen && all.every((isAnswered) => isAnswered);
  }

  setBaudRate(bitsPerSecond: number): Promise<boolean> {
    return this.#command(COMMAND.baudRate, baudBytes(bitsPerSecond));
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#socket.destroy();
    await this.ended;
  }

  /** Who does not answer is not there any more. */
  async #command(command: number, body: readonly number[]): Promise<boolean> {
    if (!this.isOpen) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting = this.#waiting.get(command + ANSWER) ?? [];
    this.#waiting.set(command + ANSWER, [...waiting, () => resolve(true)]);
    this.#socket.write(encodeCommand(command, body));
    if (await within(Promise.race([promise, this.ended.then(() => false)]))) return true;
    this.#socket.destroy();
    return false;
  }

  #take(event: TelnetEvent): void {
    if (event.kind === "data") return this.hear(event.bytes);
    const { option } = event;
    if (event.kind === "negotiation") {
      if (option === OPTION.comPort) this.#agreed.resolve(event.verb === "do");
    } else if (option === OPTION.comPort) this.#waiting.get(event.body[0] ?? 0)?.shift()?.();
  }
}

/** The value, or false when it takes too long. */
function within(promise: Promise<boolean>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ANSWER_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function unreachable(path: string, { message }: Error): Failed {
  const hint = "start what serves it (skyfeeder sim board --rfc2217 4000), or name another --port";
  return failed("port_not_found", `nothing answers at ${path}: ${message}`, hint, EXIT.notFound);
}
