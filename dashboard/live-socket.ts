/** Carries out what live-events.ts decides: the socket, its timers, and the question for missed events. */
import { parseRoomEvent } from "./answers.ts";
import { createViewerToken, getEvents } from "./api.ts";
import { after, type Cancel, drawChance, every, readClock } from "./browser-time.ts";
import { isFields } from "./json-fields.ts";
import { type LiveEffect, type LiveInput, stepLive } from "./live-events.ts";
import { live } from "./state.ts";

/**
 * The page's own check: a socket can stay open for minutes after the Wi-Fi or the laptop's lid broke it. An answer may
 * take a whole period; browsers slow timers of hidden pages down, so silence alone says nothing.
 */
const PING_PERIOD_MS = 15_000;

export type LiveNews = Exclude<LiveEffect, { name: "connect" | "fill" | "wait" }>;

export class LiveConnection {
  readonly #tell: (news: LiveNews) => void;
  #socket: WebSocket | undefined;
  #heardMs = 0;
  #pingedMs = 0;
  #cancelRetry: Cancel = () => {};

  constructor(tell: (news: LiveNews) => void) {
    this.#tell = tell;
    every(PING_PERIOD_MS, () => this.#ping());
    addEventListener("online", () => this.retryNow());
    this.#put({ name: "start" });
  }

  /** Does not wait for the next try. */
  retryNow(): void {
    this.#cancelRetry();
    this.#put({ name: "retry" });
  }

  #put(input: LiveInput): void {
    const { state, effects } = stepLive(live.value, input);
    live.value = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LiveEffect): void {
    switch (effect.name) {
      case "connect":
        return void this.#connect();
      case "fill":
        return void this.#fill(effect.afterId);
      case "wait":
        this.#cancelRetry = after(effect.delayMs, () => this.#put({ name: "retry" }));
        return;
      default:
        this.#tell(effect);
    }
  }

  async #connect(): Promise<void> {
    const token = await createViewerToken();
    if (!token.ok) return this.#lose();
    const opened = new WebSocket(socketAddress(token.value));
    this.#socket = opened;
    this.#heardMs = readClock();
    opened.onmessage = ({ data }) => {
      if (this.#socket === opened) this.#hear(data);
    };
    opened.onclose = () => {
      if (this.#socket === opened) this.#lose();
    };
  }

  async #fill(afterId: string | undefined): Promise<void> {
    const asked = this.#socket;
    const missed = await getEvents(afterId);
    if (this.#socket !== asked) return;
    this.#put(missed.ok ? { name: "filled", missed: missed.value } : { name: "fillFailed" });
  }

  #hear(data: unknown): void {
    this.#heardMs = readClock();
    const message: unknown = typeof data === "string" ? JSON.parse(data) : undefined;
    if (!isFields(message)) return;
    if (message.type === "system") return this.#put({ name: "joined" });
    const event = parseRoomEvent(message);
    if (event !== undefined) this.#put({ name: "event", event });
  }

  #lose(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#put({ name: "closed", nowMs: readClock(), chance: drawChance() });
  }

  #ping(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#pingedMs > this.#heardMs) return this.#lose();
    this.#pingedMs = readClock();
    this.#socket.send('{"type":"ping"}');
  }
}

/** Beside the page, whatever address the reader came by. */
function socketAddress(token: string): URL {
  const address = new URL("v1/ws", document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("token", token);
  return address;
}
