import { checkSettings } from "../../../protocol/check-settings.ts";
import type { ConfigCommand, ConfigReport } from "../../../protocol/config-messages.ts";
import { type DeviceConfig, withDefaults } from "../../../protocol/device-config.ts";
import { COMMAND_EVERY_MS, CONFIG_TRIAL_MS } from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import {
  activeIn,
  type ConfigEffect,
  type ConfigInput,
  type ConfigState,
  reportOf,
  stepConfig,
} from "./config-state.ts";
import { readConfigState, writeConfigState } from "./config-store.ts";

interface Boots {
  readonly safeMode: string | undefined;
  /** Why it started this time: the firmware before ended by itself. */
  readonly crashed: boolean;
}

/** What the rest of the feeder says and hears of settings. */
export interface ConfigSurroundings {
  /** An image on trial is not to be judged by new settings. */
  readonly mayTry: () => boolean;
  readonly report: (payload: ConfigReport) => void;
  readonly reconnect: () => void;
}

type ConfigPorts = Pick<Ports, "time" | "store" | "log">;

/** The feeder's settings: taken whole, tried, kept once the server was reached with them, taken back otherwise. */
export class Configuration {
  /** What is in effect now; its values change, and whoever needs one reads it when it is needed. */
  readonly active: DeviceConfig = withDefaults({});
  readonly #ports: ConfigPorts;
  readonly #inSafeMode: boolean;
  #state: ConfigState;
  #surroundings: ConfigSurroundings | undefined;
  #deadline: TimerHandle | undefined;
  /** What became of a trial in the start before, until somebody listens. */
  #isUntold = false;
  #offered: ConfigCommand | undefined;
  #pause: TimerHandle | undefined;
  /** What opens before that was begun with the settings of before, and shows nothing of these. */
  #isToReconnect = false;

  constructor(ports: ConfigPorts, { safeMode, crashed }: Boots) {
    this.#ports = ports;
    this.#inSafeMode = safeMode !== undefined;
    this.#state = readConfigState(ports.store);
    this.take({ kind: "booted", crashed, safeMode: this.#inSafeMode });
  }

  get report(): ConfigReport {
    return reportOf(this.#state);
  }

  get isOnTrial(): boolean {
    return this.#state.kind === "trial";
  }

  start(surroundings: ConfigSurroundings): void {
    this.#surroundings = surroundings;
    if (this.#isUntold) surroundings.report(this.report);
  }

  /** Whoever floods the room must not wear NVS out: of what comes too fast the newest waits. */
  command(command: ConfigCommand): void {
    this.#offered = command;
    if (this.#pause === undefined) this.takeOffered();
  }

  /** The session is open. */
  reached(): void {
    if (!this.#isToReconnect) this.take({ kind: "reached" });
  }

  private takeOffered(): void {
    this.#pause = undefined;
    const offered = this.#offered;
    this.#offered = undefined;
    if (offered === undefined || this.#inSafeMode) return;
    if (this.#surroundings?.mayTry() !== true) return;
    this.#pause = this.#ports.time.after(COMMAND_EVERY_MS, () => this.takeOffered());
    const { version, settings } = offered;
    this.take({ kind: "offered", version, checked: checkSettings(settings) });
  }

  private take(input: ConfigInput): void {
    const { state, effects } = stepConfig(this.#state, input);
    if (state !== this.#state) writeConfigState(this.#ports.store, state);
    this.#state = state;
    for (const effect of effects) this.do(effect);
  }

  private do(effect: ConfigEffect): void {
    switch (effect) {
      case "apply":
        Object.assign(this.active, withDefaults(activeIn(this.#state).settings));
        break;
      case "tell":
        this.tell();
        break;
      case "await_server":
        this.#deadline?.cancel();
        this.#deadline = this.#ports.time.after(CONFIG_TRIAL_MS, () =>
          this.take({ kind: "expired" }),
        );
        break;
      case "reconnect":
        // Not from inside the connection's own callback, by which the settings came.
        this.#isToReconnect = true;
        this.#ports.time.after(0, () => {
          this.#isToReconnect = false;
          this.#surroundings?.reconnect();
        });
        break;
    }
  }

  private tell(): void {
    const { status, latest, reason, detail } = this.report;
    const why = [reason, detail].filter(Boolean).join(" ");
    const level = reason === undefined ? "info" : "warn";
    this.#ports.log.write(level, "config", `${latest} ${status} ${why}`.trimEnd());
    if (this.#surroundings === undefined) this.#isUntold = true;
    else this.#surroundings.report(this.report);
  }
}
