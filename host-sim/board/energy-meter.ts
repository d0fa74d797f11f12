/** What a board draws in each phase of what it does, at the 5 V input. */
export interface Currents<Phase extends string> {
  readonly mA: Readonly<Record<Phase, number>>;
  /** In these it is not awake. */
  readonly resting: readonly Phase[];
}

export interface EnergyReport<Phase extends string = string> {
  /** In the order in which they first came. */
  readonly phases: readonly {
    readonly phase: Phase;
    readonly seconds: number;
    readonly mAh: number;
  }[];
  readonly mAh: number;
  readonly awakeSeconds: number;
  readonly awakeMAh: number;
}

/** A short while of something else within a phase. */
interface Burst<Phase> {
  readonly phase: Phase;
  leftMs: number;
}

const MS_AN_HOUR = 3_600_000;

/** Books what a board draws by what it does. Nothing is planned for it: time is booked when the next thing begins. */
export class EnergyMeter<Phase extends string> {
  readonly currents: Currents<Phase>;
  /** Told of each stretch of time as it is booked, in order. */
  watch: (phase: Phase, fromMs: number, toMs: number) => void = () => {};
  readonly #clock: { readonly nowMs: number };
  readonly #spentMs = new Map<Phase, number>();
  #phase: Phase;
  #bookedMs: number;
  /** Still to be booked, one after another. */
  readonly #bursts: Burst<Phase>[] = [];

  constructor(currents: Currents<Phase>, phase: Phase, clock: { readonly nowMs: number }) {
    this.currents = currents;
    this.#phase = phase;
    this.#clock = clock;
    this.#bookedMs = clock.nowMs;
  }

  enter(phase: Phase): void {
    this.#book();
    this.#phase = phase;
  }

  /** For so long from now, or from the end of the bursts before it, whatever the phase: then the phase goes on. */
  burst(phase: Phase, forMs: number): void {
    this.#book();
    const last = this.#bursts.at(-1);
    if (last?.phase === phase) last.leftMs += forMs;
    else this.#bursts.push({ phase, leftMs: forMs });
  }

  /** As `enter`; of the bursts nothing is left. */
  breakOff(phase: Phase): void {
    this.enter(phase);
    this.#bursts.length = 0;
  }

  /** What was spent so far. */
  report(): EnergyReport<Phase> {
    this.#book();
    const { mA, resting } = this.currents;
    const phases = [...this.#spentMs].map(([phase, spentMs]) => ({
      phase,
      seconds: spentMs / 1000,
      mAh: (spentMs * mA[phase]) / MS_AN_HOUR,
    }));
    const awake = phases.filter(({ phase }) => !resting.includes(phase));
    return {
      phases,
      mAh: sum(phases.map(({ mAh }) => mAh)),
      awakeSeconds: sum(awake.map(({ seconds }) => seconds)),
      awakeMAh: sum(awake.map(({ mAh }) => mAh)),
    };
  }

  #book(): void {
    const { nowMs } = this.#clock;
    for (let burst = this.#bursts[0]; burst !== undefined; burst = this.#bursts[0]) {
      const spentMs = Math.min(burst.leftMs, nowMs - this.#bookedMs);
      this.#spend(burst.phase, this.#bookedMs + spentMs);
      burst.leftMs -= spentMs;
      if (burst.leftMs > 0) return;
      this.#bursts.shift();
    }
    this.#spend(this.#phase, nowMs);
  }

  #spend(phase: Phase, untilMs: number): void {
    const fromMs = this.#bookedMs;
    if (untilMs <= fromMs) return;
    this.#bookedMs = untilMs;
    this.#spentMs.set(phase, (this.#spentMs.get(phase) ?? 0) + untilMs - fromMs);
    this.watch(phase, fromMs, untilMs);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
