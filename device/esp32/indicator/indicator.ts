import type { DeviceConfig } from "../../../protocol/device-config.ts";
import type { StatusLed, Time, TimerHandle } from "../ports.ts";
import { BLINK_PATTERNS, blinkAt, type ShownState } from "./blink-pattern.ts";

/** What decides which state is shown. */
interface ShownFacts {
  readonly isSafeMode: boolean;
  /** Nobody has given it a network. */
  readonly isBare: boolean;
  readonly isOnline: boolean;
  readonly isUploading: boolean;
}

type Brightness = Pick<DeviceConfig, "ledBrightnessPercent">;

/** Somebody has come to help and looks for it: seen whatever is set. */
const SEEN_ALWAYS: readonly ShownState[] = ["safe_mode", "provisioning"];
const FULL_PERCENT = 100;

export function shownState(facts: ShownFacts): ShownState {
  if (facts.isSafeMode) return "safe_mode";
  if (facts.isOnline) return facts.isUploading ? "uploading" : "online";
  return facts.isBare ? "provisioning" : "connecting_wifi";
}

/** The board's LED: one timer at most, and none while it stays as it is. */
export class Indicator implements ShownFacts {
  readonly isSafeMode: boolean;
  readonly isBare: boolean;
  isOnline = false;
  isUploading = false;
  readonly #time: Time;
  readonly #led: StatusLed;
  readonly #config: Brightness | undefined;
  #shown: ShownState | undefined;
  #shownAtMs = 0;
  #next: TimerHandle | undefined;

  constructor(
    { time, statusLed }: { readonly time: Time; readonly statusLed: StatusLed },
    { isSafeMode, isBare }: Pick<ShownFacts, "isSafeMode" | "isBare">,
    config?: Brightness,
  ) {
    this.#time = time;
    this.#led = statusLed;
    this.#config = config;
    this.isSafeMode = isSafeMode;
    this.isBare = isBare;
    this.show();
  }

  networkChanged(online: boolean): void {
    this.isOnline = online;
    this.show();
  }

  uploadChanged(isUploading: boolean): void {
    this.isUploading = isUploading;
    this.show();
  }

  configChanged(): void {
    if (this.#shown !== undefined) this.step(this.#shown);
  }

  private show(): void {
    const state = shownState(this);
    if (state === this.#shown) return;
    this.#shown = state;
    this.#shownAtMs = this.#time.monotonicMs();
    this.step(state);
  }

  private step(state: ShownState): void {
    this.#next?.cancel();
    this.#next = undefined;
    const shownMs = this.#time.monotonicMs() - this.#shownAtMs;
    const { isOn, changesInMs } = blinkAt(BLINK_PATTERNS[state], shownMs);
    this.#led.set(isOn ? this.percentOf(state) : 0);
    if (changesInMs === undefined) return;
    this.#next = this.#time.after(changesInMs, () => this.step(state));
  }

  private percentOf(state: ShownState): number {
    if (SEEN_ALWAYS.includes(state)) return FULL_PERCENT;
    return this.#config?.ledBrightnessPercent ?? FULL_PERCENT;
  }
}
