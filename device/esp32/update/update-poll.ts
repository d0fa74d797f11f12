import type { DeviceConfig } from "../../../protocol/device-config.ts";
import {
  UPDATE_FIRST_POLL_MS,
  UPDATE_POLL_MAX_MS,
  UPDATE_POLL_MIN_MS,
  UPDATE_POLL_MS,
} from "../limits.ts";
import type { Entropy, Time, TimerHandle } from "../ports.ts";
import type { PollResult, UpdateServer } from "./update-server.ts";

type PollConfig = Pick<DeviceConfig, "updateCheckSeconds">;
type Answered = (answer: PollResult & { readonly kind: "answered" }) => void;

/** Asks the server every ten minutes, or as often as it wants to be asked. */
export class UpdatePoll {
  readonly #ports: { readonly time: Time; readonly entropy: Entropy };
  readonly #server: UpdateServer;
  readonly #config: PollConfig;
  readonly #mayAsk: () => boolean;
  readonly #answered: Answered;
  #timer: TimerHandle | undefined;
  #toldIntervalMs = UPDATE_POLL_MS;

  constructor(
    ports: { readonly time: Time; readonly entropy: Entropy },
    server: UpdateServer,
    config: PollConfig,
    mayAsk: () => boolean,
    answered: Answered,
  ) {
    this.#ports = ports;
    this.#server = server;
    this.#config = config;
    this.#mayAsk = mayAsk;
    this.#answered = answered;
  }

  start(): void {
    this.wait(UPDATE_FIRST_POLL_MS * this.#ports.entropy.uniform());
  }

  ask(): void {
    // Offline or on trial: soon again, whatever the interval.
    if (!this.#mayAsk()) return this.plan(UPDATE_POLL_MIN_MS);
    this.plan(this.intervalMs);
    this.#server.poll((result) => {
      if (result.kind === "failed") return;
      const { nextCheckSeconds } = result;
      if (nextCheckSeconds !== undefined) this.#toldIntervalMs = nextCheckSeconds * 1_000;
      this.plan(this.intervalMs);
      this.#answered(result);
    });
  }

  /** What was set for this feeder, else what the server says to all of them. */
  private get intervalMs(): number {
    const { updateCheckSeconds } = this.#config;
    return updateCheckSeconds === undefined ? this.#toldIntervalMs : updateCheckSeconds * 1_000;
  }

  /** Up to a tenth earlier or later: a fleet must not come as one. */
  private plan(wantedMs: number): void {
    const intervalMs = Math.min(UPDATE_POLL_MAX_MS, Math.max(UPDATE_POLL_MIN_MS, wantedMs));
    this.wait(intervalMs * (0.9 + 0.2 * this.#ports.entropy.uniform()));
  }

  private wait(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.time.after(delayMs, () => this.ask());
  }
}
