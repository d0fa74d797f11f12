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
  #shown: ShownState | undefined;
  #shownAtMs = 0;
  #next: TimerHandle | undefined;

  constructor(
    { time, statusLed }: { readonly time: Time; readonly statusLed: StatusLed },
    { isSafeMode, isBare }: Pick<ShownFacts, "isSafeMode" | "isBare">,
  ) {
    this.#time = time;
    this.#led = statusLed;
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
    this.#led.set(isOn);
    if (changesInMs === undefined) return;
    this.#next = this.#time.after(changesInMs, () => this.step(state));
  }
}
