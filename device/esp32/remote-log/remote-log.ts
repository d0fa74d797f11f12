import type { LogCommand, LogPayload } from "../../../protocol/log-messages.ts";
import { REMOTE_LOG_LEVELS } from "../../../protocol/log-messages.ts";
import {
  REMOTE_LOG_LINE_CHARACTERS_MAX,
  REMOTE_LOG_LINES_MAX,
  REMOTE_LOG_SEND_MS,
} from "../limits.ts";
import type { Log, LogLevel, Ports, TimerHandle } from "../ports.ts";

/** These tell who holds the cable how to get in: a claim code, the setup network's password. */
const CABLE_ONLY: readonly string[] = ["identity", "portal", "improv"];

interface HeldLine {
  readonly level: LogLevel;
  readonly tag: string;
  readonly text: string;
  readonly atMs: number;
}

interface RemoteLogEnds {
  /** The room is there, and has taken what was sent before: the next lines may go. */
  isReady(): boolean;
  report(payload: LogPayload): void;
}

/** Sends what the feeder logs to whoever follows it, as long as was asked for; made when first asked. */
export class RemoteLog implements Log {
  readonly #time: Ports["time"];
  readonly #ends: RemoteLogEnds;
  #level = -1;
  #untilMs = 0;
  #lines: HeldLine[] = [];
  #dropped = 0;
  #timer: TimerHandle | undefined;

  constructor(time: Ports["time"], ends: RemoteLogEnds) {
    this.#time = time;
    this.#ends = ends;
  }

  follow({ level, minutes }: LogCommand): void {
    this.#level = REMOTE_LOG_LEVELS.indexOf(level);
    this.#untilMs = this.#time.monotonicMs() + minutes * 60_000;
  }

  write(level: LogLevel, tag: string, text: string): void {
    const nowMs = this.#time.monotonicMs();
    if (nowMs >= this.#untilMs || REMOTE_LOG_LEVELS.indexOf(level) > this.#level) return;
    if (CABLE_ONLY.includes(tag)) return;
    if (this.#lines.length < REMOTE_LOG_LINES_MAX) {
      const shortened = text.slice(0, REMOTE_LOG_LINE_CHARACTERS_MAX);
      this.#lines.push({ level, tag, text: shortened, atMs: nowMs });
    } else {
      this.#dropped++;
    }
    this.sendLater();
  }

  private sendLater(): void {
    this.#timer ??= this.#time.after(REMOTE_LOG_SEND_MS, () => this.send());
  }

  private send(): void {
    this.#timer = undefined;
    const nowMs = this.#time.monotonicMs();
    if (!this.#ends.isReady()) {
      if (nowMs < this.#untilMs) this.sendLater();
      return;
    }
    const lines = this.#lines.map(({ level, tag, text, atMs }) => {
      return { level, tag, text, age_ms: nowMs - atMs };
    });
    const dropped = this.#dropped;
    this.#lines = [];
    this.#dropped = 0;
    this.#ends.report({ lines, dropped });
  }
}
