import { createServer, type Server, type Socket } from "node:net";
import type { ControlLines, SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import {
  ANSWER,
  baudBytes,
  COMMAND,
  CONTROL,
  encodeCommand,
  OPTION,
  OPTIONS,
  readBaud,
} from "../../serial/com-port-option.ts";
import {
  encodeData,
  encodeNegotiation,
  TelnetDecoder,
  type TelnetEvent,
  type TelnetVerb,
} from "../../serial/telnet.ts";

/** The board's UART0 with its control lines over RFC 2217, for one program at a time: the next waits for its turn. */
export function serveComPort(bridge: SerialBridge): Server {
  let turn: Promise<void> = Promise.resolve();
  return createServer({ noDelay: true }, (socket) => {
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    turn = turn.then(() => {
      if (socket.destroyed) return;
      bridge.hear = (bytes) => socket.write(encodeData(bytes));
      // Its end is told by the close, whatever it is.
      new Session(socket, bridge).run().catch(() => {});
      return closed.then(() => {
        bridge.hear = () => {};
      });
    });
  });
}

/** pyserial looks for an answer every 50 ms, and its machine may be busy. */
const KEPT_BACK_MS = 500;

const SIGNALS: ReadonlyMap<number, ControlLines> = new Map([
  [CONTROL.dtrOn, { dataTerminalReady: true }],
  [CONTROL.dtrOff, { dataTerminalReady: false }],
  [CONTROL.rtsOn, { requestToSend: true }],
  [CONTROL.rtsOff, { requestToSend: false }],
]);

class Session {
  readonly #socket: Socket;
  readonly #bridge: SerialBridge;
  readonly #agreed = new Set<string>();
  #baud = 115_200;
  #lines: ControlLines = {};
  #keptBack: NodeJS.Timeout | undefined;

  constructor(socket: Socket, bridge: SerialBridge) {
    this.#socket = socket;
    this.#bridge = bridge;
  }

  /** In order, each when what came before it has left: a rate changes behind the last byte at the old one. */
  async run(): Promise<void> {
    const decoder = new TelnetDecoder();
    for await (const chunk of this.#socket) {
      for (const event of decoder.decode(chunk as Buffer)) {
        this.#take(event);
        await new Promise<void>((resolve) => this.#bridge.whenSent(resolve));
      }
    }
  }

  #take(event: TelnetEvent): void {
    if (event.kind === "data") return this.#bridge.write(event.bytes);
    if (event.kind === "negotiation") return this.#negotiate(event.verb, event.option);
    const [command = 0, ...body] = event.body;
    if (event.option === OPTION.comPort) this.#obey(command, body);
  }

  /** Each once: two ends that answer an answer would never stop. */
  #negotiate(verb: TelnetVerb, option: number): void {
    if (verb === "wont" || verb === "dont" || this.#agreed.has(`${verb} ${option}`)) return;
    this.#agreed.add(`${verb} ${option}`);
    const isKnown = OPTIONS.includes(option);
    const yes = verb === "will" ? "do" : "will";
    const no = verb === "will" ? "dont" : "wont";
    this.#socket.write(encodeNegotiation(isKnown ? yes : no, option));
  }

  #obey(command: number, body: readonly number[]): void {
    this.#socket.write(encodeCommand(command + ANSWER, this.#answer(command, body)));
  }

  #answer(command: number, body: readonly number[]): readonly number[] {
    if (command === COMMAND.signature) return [...Buffer.from("SkyFeeder simulated board")];
    if (command === COMMAND.baudRate) {
      const asked = readBaud(body);
      // Zero asks for the rate there is.
      if (asked > 0) this.#baud = asked;
      this.#bridge.baud = this.#baud;
      return baudBytes(this.#baud);
    }
    const lines = command === COMMAND.control ? SIGNALS.get(Number(body[0])) : undefined;
    if (lines !== undefined) this.#control(lines);
    return body;
  }

  /** Between EN low and IO0 low both are asserted: that is kept back, or EN would have risen before the next command. */
  #control(lines: ControlLines): void {
    clearTimeout(this.#keptBack);
    const before = this.#lines;
    this.#lines = { ...before, ...lines };
    const apply = () => this.#bridge.setSignals(this.#lines);
    const { dataTerminalReady, requestToSend } = this.#lines;
    const wasHeldInReset = before.requestToSend === true && before.dataTerminalReady !== true;
    const isBetween = wasHeldInReset && dataTerminalReady === true && requestToSend === true;
    if (isBetween) this.#keptBack = setTimeout(apply, KEPT_BACK_MS);
    else apply();
  }
}
