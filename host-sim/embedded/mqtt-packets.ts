/** MQTT 3.1.1 as bytes, for both ends of it: what stands in a packet is theirs. */

export const PACKET = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  subscribe: 8,
  suback: 9,
  pingreq: 12,
  pingresp: 13,
} as const;

export interface Packet {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

export function encodePacket(
  type: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const body = joined(parts);
  const head = [(type << 4) | flags];
  let rest = body.length;
  do {
    head.push(rest >= 0x80 ? (rest & 0x7f) | 0x80 : rest);
    rest >>= 7;
  } while (rest > 0);
  return joined([Uint8Array.from(head), body]);
}

export function twoBytes(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value);
}

/** As strings stand in a packet. */
export function prefixed(bytes: Uint8Array): Uint8Array {
  return joined([twoBytes(bytes.length), bytes]);
}

/** Takes a packet's body apart. */
export class PacketBody {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  number(): number {
    return (this.byte() << 8) | this.byte();
  }

  string(): Uint8Array<ArrayBuffer> {
    return this.take(this.number());
  }

  take(length: number): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

/** Cuts what comes over a connection into packets. */
export class PacketStream {
  #held = new Uint8Array(0);

  push(bytes: Uint8Array): readonly Packet[] {
    this.#held = joined([this.#held, bytes]);
    const packets: Packet[] = [];
    for (let packet = this.#next(); packet !== undefined; packet = this.#next()) {
      packets.push(packet);
    }
    return packets;
  }

  #next(): Packet | undefined {
    const held = this.#held;
    let lengthBytes = 0;
    for (let at = 1; at < held.length; at++) {
      const byte = held[at] ?? 0;
      lengthBytes += (byte & 0x7f) << (7 * (at - 1));
      if (byte >= 0x80) continue;
      const from = at + 1;
      if (held.length < from + lengthBytes) return undefined;
      const [first = 0] = held;
      this.#held = held.slice(from + lengthBytes);
      const body = held.slice(from, from + lengthBytes);
      return { type: first >> 4, flags: first & 0x0f, body };
    }
    return undefined;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let offsetBytes = 0;
  for (const part of parts) {
    whole.set(part, offsetBytes);
    offsetBytes += part.length;
  }
  return whole;
}
