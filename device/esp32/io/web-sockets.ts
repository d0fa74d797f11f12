import WebSocketClient from "embedded:network/websocket/client";
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import Timer from "timer";
import type { WebSocketConnection, WebSocketEvents, WebSockets } from "../session-ports.ts";
import { type Attempt, connectionOptions } from "./connection.ts";
import type { Enter } from "./entry.ts";
import { Pieces } from "./pieces.ts";
import { parseUrl, type Url } from "./url.ts";

/** A command with its signed manifest is about 3 KB; what is larger is not for a feeder. */
const MESSAGE_BYTES_MAX = 8192;

/** How long the peer may take to answer our close frame. */
const CLOSE_TIMEOUT_MS = 2000;

/** 1000: normal closure (RFC 6455 section 7.4.1). */
const NORMAL_CLOSURE = [0x03, 0xe8];

export class BoardWebSockets implements WebSockets {
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  open(text: string, connectTimeoutMs: number, events: WebSocketEvents): WebSocketConnection {
    const url = parseUrl(text);
    const entered = this.entered(events);
    if (url?.scheme === "ws" || url?.scheme === "wss") {
      return new Connection(url, connectTimeoutMs, entered);
    }
    Timer.set(() => entered.closed("bad_url"));
    return { send: () => false, close: () => {} };
  }

  private entered(events: WebSocketEvents): WebSocketEvents {
    return {
      opened: () => this.#enter(() => events.opened()),
      message: (text) => this.#enter(() => events.message(text)),
      closed: (reason) => this.#enter(() => events.closed(reason)),
    };
  }
}

class Connection implements WebSocketConnection {
  readonly #events: WebSocketEvents;
  readonly #attempt: Attempt = { abandoned: false };
  readonly #client: WebSocketClient;
  readonly #message = new Pieces(MESSAGE_BYTES_MAX);
  #state: "connecting" | "open" | "closing" | "ended" = "connecting";
  #timeout: Timer;
  #writableBytes = 0;

  constructor(url: Url, connectTimeoutMs: number, events: WebSocketEvents) {
    this.#events = events;
    this.#timeout = Timer.set(() => this.end("connect_timeout"), connectTimeoutMs);
    this.#client = new WebSocketClient({
      ...connectionOptions(url, this.#attempt),
      path: url.target,
      onWritable: (count) => this.writable(count),
      onReadable: (count, { more, binary }) => this.readable(count, more, binary),
      onControl: (opcode) => this.control(opcode),
      onClose: () => this.end("closed"),
      onError: () => this.end(this.#state === "connecting" ? "connect_failed" : "connection_lost"),
    });
  }

  send(text: string): boolean {
    if (this.#state !== "open") return false;
    const bytes = new TextEncoder().encode(text);
    if (bytes.byteLength > this.#writableBytes) return false;
    this.#writableBytes = this.#client.write(bytes, { binary: false });
    return true;
  }

  close(): void {
    if (this.#state === "open" && this.#writableBytes >= NORMAL_CLOSURE.length) {
      this.#state = "closing";
      this.#client.write(Uint8Array.from(NORMAL_CLOSURE), { opcode: WebSocketClient.close });
      this.#timeout = Timer.set(() => this.end("closed"), CLOSE_TIMEOUT_MS);
    } else if (this.#state !== "closing") {
      this.end("closed");
    }
  }

  /** The client answers a close frame itself, and from then on throws at every write until the other end is gone. */
  private control(opcode: number): void {
    if (opcode !== WebSocketClient.close || this.#state !== "open") return;
    this.#state = "closing";
    this.#timeout = Timer.set(() => this.end("closed"), CLOSE_TIMEOUT_MS);
  }

  /** The first call is the end of the handshake; the client has counted a frame's header off. */
  private writable(count: number): void {
    this.#writableBytes = count;
    if (this.#state !== "connecting") return;
    this.#state = "open";
    Timer.clear(this.#timeout);
    this.#events.opened();
  }

  private readable(count: number, more: boolean, binary: boolean): void {
    const bytes = this.#client.read(count);
    if (this.#state !== "open" || binary) return;
    if (!this.#message.add(bytes)) return this.end("message_too_large");
    if (!more) this.#events.message(new TextDecoder().decode(this.#message.take()));
  }

  /** `closed` comes from a timer of its own: the SDK's client is in the middle of a callback here. */
  private end(reason: string): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#attempt.abandoned = true;
    Timer.clear(this.#timeout);
    Timer.set(() => {
      this.#client.close();
      this.#events.closed(reason);
    });
  }
}
