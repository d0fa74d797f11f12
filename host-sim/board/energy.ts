import type { CameraPhase } from "../peers/camera.ts";

/**
 * What the camera board draws in each phase, in mA at 5 V. Nobody has published a measurement of an AMB82-Mini: every
 * figure is an assumption, and docs/power.md says what it rests on.
 */
const CURRENT_MA: Readonly<Record<CameraPhase, number>> = {
  asleep: 0.5,
  booting: 150,
  /** Awake without work. It draws as much as work does, so it is booked apart: there should be none. */
  idle: 180,
  still: 180,
  clip: 180,
  transfer: 180,
  join: 250,
  upload: 250,
};

/** Everything but deep sleep, at the current with Wi-Fi on: what the energy budget of a visit is reckoned with. */
const BUDGET_MA = 250;
const MS_AN_HOUR = 3_600_000;

export interface EnergyReport {
  /** In the order in which they first came. */
  readonly phases: readonly {
    readonly phase: CameraPhase;
    readonly seconds: number;
    readonly mAh: number;
  }[];
  readonly mAh: number;
  readonly awakeSeconds: number;
  readonly awakeMAh: number;
  /** All awake time at 250 mA, whatever was done in it. */
  readonly budgetMAh: number;
}

/** Books what a camera board draws by what it does; it is asleep from the beginning. */
export class Energy {
  #phase: CameraPhase = "asleep";
  #sinceMs: number;
  readonly #spentMs = new Map<CameraPhase, number>();

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  enter(phase: CameraPhase, nowMs: number): void {
    this.#book(nowMs);
    this.#phase = phase;
  }

  report(nowMs: number): EnergyReport {
    this.#book(nowMs);
    const phases = [...this.#spentMs].map(([phase, spentMs]) => ({
      phase,
      seconds: spentMs / 1000,
      mAh: (spentMs * CURRENT_MA[phase]) / MS_AN_HOUR,
    }));
    const awake = phases.filter(({ phase }) => phase !== "asleep");
    const awakeSeconds = sum(awake.map(({ seconds }) => seconds));
    return {
      phases,
      mAh: sum(phases.map(({ mAh }) => mAh)),
      awakeSeconds,
      awakeMAh: sum(awake.map(({ mAh }) => mAh)),
      budgetMAh: (awakeSeconds * 1000 * BUDGET_MA) / MS_AN_HOUR,
    };
  }

  #book(nowMs: number): void {
    const spentMs = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    if (spentMs === 0) return;
    this.#spentMs.set(this.#phase, (this.#spentMs.get(this.#phase) ?? 0) + spentMs);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
