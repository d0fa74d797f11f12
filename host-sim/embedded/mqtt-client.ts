import { asBytes, callBoard, callForNumber, listen, unlisten } from "./board-port.ts";
import type { DnsOption } from "./dns-option.ts";
import {
  encodePacket,
  PACKET,
  type Packet,
  PacketBody,
  PacketStream,
  prefixed,
  twoBytes,
} from "./mqtt-packets.ts";
import Time from "./time.ts";
import Timer from "./timer.ts";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly id: string;
  readonly user: string;
  readonly password?: string;
  readonly clean: boolean;
  readonly keepAlive: number;
  readonly will: { topic: string; message: string; QoS: number; retain: boolean };
  readonly dns: DnsOption;
  /** Only a socket with TLS has something to secure. */
  readonly socket?: { readonly secure?: object };
  onReadable?(count: number, options: { more: boolean; topic?: string }): void;
  onWritable?(count: number): void;
  onControl?(message: object): void;
  onError?(): void;
}

interface WriteOptions {
  readonly operation?: number;
  readonly topic: string;
  readonly id: number;
  readonly QoS?: number;
  readonly retain?: boolean;
  readonly items?: readonly { readonly topic: string; readonly QoS: number }[];
}

/** Nothing it asks of its owner has another bound. */
const CONNECT_TIMEOUT_MS = 30_000;
/** What it counts off for the head of the next packet. */
const HEAD_BYTES = 8;
/** A payload comes as the segments of TCP do. */
const SEGMENT_BYTES = 1_440;

/** `embedded:network/mqtt/client`, with the ways of SDK 8.2.3: it says of no failure what it was. */
export default class MQTTClient {
  static readonly SUBSCRIBE = PACKET.subscribe;
  static readonly SUBACK = PACKET.suback;
  #options: Options | undefined;
  readonly #target: number;
  readonly #stream = new PacketStream();
  #state: "resolving" | "connecting" | "login" | "connected" = "resolving";
  #writableBytes = 0;
  #payload: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Its own packets, for which there was no room or no turn. */
  #pending: Uint8Array[] = [];
  #pendingTimer: Timer | undefined;
  #connecting: Timer | undefined;
  #keepAlive: Timer | undefined;
  #pingedTicks = 0;
  #answeredTicks = 0;
  #pingWaits = false;

  constructor(options: Options) {
    this.#options = options;
    this.#target = listen((event, args) => this.#take(event, args[0]));
    new options.dns.io(options.dns).resolve({
      host: options.host,
      onResolved: (_host, address) => this.#connect(options, address),
      onError: () => this.#fail(),
    });
  }

  read(count: number): ArrayBuffer {
    const { buffer } = this.#payload.slice(0, count);
    this.#payload = this.#payload.slice(count);
    return buffer;
  }

  write(bytes: Uint8Array, options: WriteOptions): number {
    if (this.#state !== "connected") throw new Error(`mqtt: write while ${this.#state}`);
    const { operation = PACKET.publish } = options;
    const packet = operation === PACKET.subscribe ? subscribe(options) : publish(bytes, options);
    if (packet.length > this.#writableBytes) throw new Error("overflow");
    this.#send(packet);
    return Math.max(0, this.#writableBytes - HEAD_BYTES);
  }

  close(): void {
    Timer.clear(this.#pendingTimer);
    Timer.clear(this.#connecting);
    Timer.clear(this.#keepAlive);
    if (this.#options === undefined) return;
    this.#options = undefined;
    callBoard("tcp.close", this.#target);
    unlisten(this.#target);
  }

  #connect({ port, socket }: Options, address: string): void {
    this.#state = "connecting";
    const isSecure = socket?.secure !== undefined;
    callBoard("tcp.open", this.#target, address, port, isSecure ? "mqtts" : "mqtt");
    this.#connecting = Timer.set(() => this.#fail(), CONNECT_TIMEOUT_MS);
  }

  #take(event: string, value: unknown): void {
    if (event === "writable") this.#writable(Number(value));
    else if (event === "readable") this.#readable(asBytes(value as Uint8Array));
    else this.#fail();
  }

  #writable(count: number): void {
    this.#writableBytes = count;
    if (this.#state === "connecting") return this.#logIn();
    if (this.#state !== "connected") return;
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      if (this.#writableBytes < next.length) return;
      this.#send(next);
      this.#pending.shift();
    }
    this.#pingWaits = false;
    this.#offerRoom();
  }

  #offerRoom(): void {
    if (this.#writableBytes <= HEAD_BYTES) return;
    this.#options?.onWritable?.(this.#writableBytes - HEAD_BYTES);
  }

  #logIn(): void {
    const options = this.#options;
    if (options === undefined) return;
    Timer.clear(this.#connecting);
    this.#state = "login";
    this.#send(connect(options));
    this.#pingedTicks = Time.ticks;
    this.#answeredTicks = Time.ticks;
    this.#watch(options.keepAlive);
  }

  #watch(keepAliveMs: number): void {
    this.#keepAlive = Timer.set(() => {
      const nowTicks = Time.ticks;
      if (nowTicks - this.#answeredTicks >= keepAliveMs * 1.5) return this.#fail();
      this.#watch(keepAliveMs);
      if (nowTicks - this.#pingedTicks < keepAliveMs * 0.75 - 500) return;
      if (this.#pingWaits) return this.#fail();
      this.#pingWaits = true;
      this.#pingedTicks = nowTicks;
      this.#queue(encodePacket(PACKET.pingreq, 0));
    }, keepAliveMs / 4);
  }

  #readable(bytes: Uint8Array): void {
    for (const packet of this.#stream.push(bytes)) {
      // A callback may have ended it.
      if (this.#options === undefined) return;
      this.#handle(packet);
    }
  }

  #handle({ type, flags, body: bytes }: Packet): void {
    const body = new PacketBody(bytes);
    if (type === PACKET.publish) return this.#deliver(flags, body);
    if (type === PACKET.pingresp) this.#answeredTicks = Time.ticks;
    if (type === PACKET.connack) {
      body.byte();
      if (body.byte() !== 0) return this.#fail();
      this.#state = "connected";
      this.#options?.onControl?.({ operation: type, returnCode: 0 });
      return this.#offerRoom();
    }
    const id = body.left > 0 ? body.number() : undefined;
    this.#options?.onControl?.({ operation: type, id, payload: [...body.take(body.left)] });
  }

  /** It has acknowledged before its owner has read. */
  #deliver(flags: number, body: PacketBody): void {
    const topic = text(body.string());
    const id = (flags & 6) === 0 ? undefined : body.take(2);
    for (let isFirst = true; body.left > 0; isFirst = false) {
      this.#payload = body.take(Math.min(SEGMENT_BYTES, body.left));
      const more = body.left > 0;
      if (!more && id !== undefined) this.#queue(encodePacket(PACKET.puback, 0, id));
      this.#options?.onReadable?.(this.#payload.length, isFirst ? { more, topic } : { more });
    }
  }

  #queue(packet: Uint8Array): void {
    this.#pending.push(packet);
    this.#pendingTimer ??= Timer.set(() => {
      this.#pendingTimer = undefined;
      this.#writable(this.#writableBytes);
    });
  }

  #send(packet: Uint8Array): void {
    this.#writableBytes = callForNumber("tcp.write", this.#target, packet);
  }

  #fail(): void {
    this.#options?.onError?.();
    this.close();
  }
}

function connect(options: Options): Uint8Array {
  const { id, user, password, will, clean, keepAlive } = options;
  const flags =
    (clean ? 2 : 0) |
    (password === undefined ? 0 : 0x40) |
    (will.retain ? 0x20 : 0) |
    (will.QoS << 3) |
    // A user and a will.
    0x84;
  const texts = [id, will.topic, will.message, user];
  if (password !== undefined) texts.push(password);
  const head = Uint8Array.of(0, 4, 77, 81, 84, 84, 4, flags);
  const keepAliveS = twoBytes(Math.ceil(keepAlive / 1000));
  return encodePacket(PACKET.connect, 0, head, keepAliveS, ...texts.map(string));
}

function subscribe({ id, items = [] }: WriteOptions): Uint8Array {
  const filters = items.flatMap(({ topic, QoS }) => [string(topic), Uint8Array.of(QoS)]);
  return encodePacket(PACKET.subscribe, 2, twoBytes(id), ...filters);
}

function publish(bytes: Uint8Array, { topic, id, QoS = 0, retain }: WriteOptions): Uint8Array {
  const flags = (QoS << 1) | (retain === true ? 1 : 0);
  const number = QoS === 0 ? [] : [twoBytes(id)];
  return encodePacket(PACKET.publish, flags, string(topic), ...number, bytes);
}

function string(value: string): Uint8Array {
  return prefixed(asBytes(callBoard("utf8.encode", value)));
}

function text(bytes: Uint8Array): string {
  return String(callBoard("utf8.decode", bytes));
}
