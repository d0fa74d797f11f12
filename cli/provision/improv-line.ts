import { encodeImprovPacket, IMPROV_TYPE, ImprovReader } from "../../protocol/improv-packet.ts";
import { encodeImprovRpc, IMPROV_COMMAND, parseImprovResult } from "../../protocol/improv-rpc.ts";
import type { LineEnd, SerialLine } from "../serial/serial-line.ts";

export interface HeardNetwork {
  readonly ssid: string;
  readonly rssiDbm: number;
  readonly secured: boolean;
}

/** What a feeder answered to one question. */
export type ImprovAnswer =
  | { readonly kind: "state"; readonly state: number }
  | { readonly kind: "result"; readonly texts: readonly string[] }
  | { readonly kind: "error"; readonly code: number }
  /** Nothing in time, or nobody is at the other end any more. */
  | { readonly kind: "none"; readonly why: "silence" | LineEnd };

type Heard = Exclude<ImprovAnswer, { kind: "none" }>;

const LINE_CHARACTERS_MAX = 1_024;

/** The client's end: packets as answers, and the log between them as lines. */
export class ImprovLine {
  /** Told of each line of the log. */
  hearLine: (line: string) => void = () => {};
  readonly #line: SerialLine;
  readonly #reader: ImprovReader;
  readonly #latin1 = new TextDecoder("latin1");
  #text = "";
  #command = 0;
  #answered: (heard: Heard) => void = () => {};

  constructor(line: SerialLine) {
    this.#line = line;
    this.#reader = new ImprovReader((type, data) => this.#take(type, data));
    line.hear = (bytes) => {
      this.#reader.receive(bytes, performance.now());
      this.#readLog(bytes);
    };
  }

  /** Resolves with the first answer that ends it: usually whatever is no mere state. */
  async ask(
    command: number,
    payload: ArrayLike<number>,
    timeoutMs: number,
    ends = (heard: Heard): boolean => heard.kind !== "state",
  ): Promise<ImprovAnswer> {
    this.#command = command;
    const { promise, resolve } = Promise.withResolvers<ImprovAnswer>();
    this.#answered = (heard) => {
      if (ends(heard)) resolve(heard);
    };
    const silence = setTimeout(() => resolve({ kind: "none", why: "silence" }), timeoutMs);
    void this.#line.ended.then((why) => resolve({ kind: "none", why }));
    await this.#line.write(encodeImprovPacket(IMPROV_TYPE.rpc, encodeImprovRpc(command, payload)));
    const answer = await promise;
    clearTimeout(silence);
    this.#answered = () => {};
    return answer;
  }

  #take(type: number, data: Uint8Array): void {
    if (type === IMPROV_TYPE.state) this.#answered({ kind: "state", state: data[0] ?? 0 });
    // An error 0 takes back the one before.
    if (type === IMPROV_TYPE.error && data[0] !== 0) {
      this.#answered({ kind: "error", code: data[0] ?? 0 });
    }
    const result = type === IMPROV_TYPE.result ? parseImprovResult(data) : undefined;
    if (result?.command !== this.#command) return;
    this.#answered({ kind: "result", texts: result.texts });
  }

  #readLog(bytes: Uint8Array): void {
    const lines = (this.#text + this.#latin1.decode(bytes)).split(/\r?\n/);
    this.#text = (lines.pop() ?? "").slice(-LINE_CHARACTERS_MAX);
    for (const line of lines) this.hearLine(line);
  }
}

/** Networks come one by one; an empty result ends the list. */
export async function scanNetworks(improv: ImprovLine, timeoutMs: number) {
  const networks: HeardNetwork[] = [];
  const answer = await improv.ask(IMPROV_COMMAND.scan, [], timeoutMs, (heard) => {
    if (heard.kind !== "result" || heard.texts.length === 0) return heard.kind !== "state";
    const [ssid = "", rssi, secured] = heard.texts;
    networks.push({ ssid, rssiDbm: Number(rssi), secured: secured !== "NO" });
    return false;
  });
  return { answer, networks };
}
