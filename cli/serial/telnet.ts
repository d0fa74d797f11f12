/** RFC 854: what stands between the bytes of a Telnet connection. */
const IAC = 255;
const SUBNEGOTIATION = 250;
const SUBNEGOTIATION_END = 240;
const VERBS = { will: 251, wont: 252, do: 253, dont: 254 } as const;

/** Longer ones are cut: no option of ours has a long text. */
const BODY_BYTES_MAX = 256;

export type TelnetVerb = keyof typeof VERBS;

export type TelnetEvent =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "negotiation"; readonly verb: TelnetVerb; readonly option: number }
  | { readonly kind: "subnegotiation"; readonly option: number; readonly body: readonly number[] };

type State =
  | { readonly kind: "data" }
  | { readonly kind: "command" }
  | { readonly kind: "verb"; readonly verb: TelnetVerb }
  | { readonly kind: "body"; readonly bytes: number[]; readonly escaped: boolean };

const DATA: State = { kind: "data" };
const verbOf = new Map<number, TelnetVerb>([
  [VERBS.will, "will"],
  [VERBS.wont, "wont"],
  [VERBS.do, "do"],
  [VERBS.dont, "dont"],
]);

/** Takes any bytes in any pieces. */
export class TelnetDecoder {
  #state: State = DATA;
  #events: TelnetEvent[] = [];

  decode(chunk: Uint8Array): TelnetEvent[] {
    this.#events = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#state.kind === "data" && byte !== IAC) continue;
      if (this.#state.kind === "data") this.#data(chunk.slice(from, at));
      // What follows an escaped byte is data again, from here on.
      this.#state = this.#next(this.#state, byte);
      from = at + 1;
    }
    if (this.#state.kind === "data") this.#data(chunk.slice(from));
    return this.#events;
  }

  #data(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#events.push({ kind: "data", bytes });
  }

  #next(state: State, byte: number): State {
    if (state.kind === "data") return { kind: "command" };
    if (state.kind === "command") return this.#command(byte);
    if (state.kind === "body") return this.#body(state.bytes, state.escaped, byte);
    this.#events.push({ kind: "negotiation", verb: state.verb, option: byte });
    return DATA;
  }

  #command(byte: number): State {
    const verb = verbOf.get(byte);
    if (verb !== undefined) return { kind: "verb", verb };
    if (byte === SUBNEGOTIATION) return { kind: "body", bytes: [], escaped: false };
    if (byte === IAC) this.#data(Uint8Array.of(IAC));
    return DATA;
  }

  #body(bytes: number[], escaped: boolean, byte: number): State {
    if (!escaped && byte === IAC) return { kind: "body", bytes, escaped: true };
    if (escaped && byte === SUBNEGOTIATION_END) {
      const [option, ...body] = bytes;
      if (option !== undefined) this.#events.push({ kind: "subnegotiation", option, body });
      return DATA;
    }
    if (bytes.length < BODY_BYTES_MAX) bytes.push(byte);
    return { kind: "body", bytes, escaped: false };
  }
}

export function encodeData(bytes: Uint8Array): Uint8Array {
  return bytes.includes(IAC) ? Uint8Array.from(doubled(bytes)) : bytes;
}

export function encodeNegotiation(verb: TelnetVerb, option: number): Uint8Array {
  return Uint8Array.of(IAC, VERBS[verb], option);
}

export function encodeSubnegotiation(option: number, body: readonly number[]): Uint8Array {
  const inside = doubled([option, ...body]);
  return Uint8Array.from([IAC, SUBNEGOTIATION, ...inside, IAC, SUBNEGOTIATION_END]);
}

function doubled(bytes: Iterable<number>): number[] {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === IAC) out.push(IAC);
    out.push(byte);
  }
  return out;
}
