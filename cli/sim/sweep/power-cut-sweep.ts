import type { CutPhase, Flash, FlashOperation } from "../../../host-sim/board/flash.ts";
import { randomStream } from "../../../host-sim/random.ts";
import { createUpdateWorld, type UpdateWorld } from "../update-world.ts";
import { type CutFault, CutOracle, type SequenceBefore } from "./cut-oracle.ts";
import { becomes, NEW_VERSION, type UpdateJournal } from "./update-journal.ts";

const PHASES: readonly CutPhase[] = ["before", "torn", "after"];
/** A whole operation leaves nothing to chance. */
const NO_CHANCE = () => 0;

export interface SweepOptions {
  readonly seed: number;
  /** Also lets the firmware finish the update from every so many-th point; 0: from none. */
  readonly recoverEvery: number;
  /** Which of so many, where several processes share the points. */
  readonly recoverAt?: number;
  /** Cuts the power a second time in every so many-th of these recoveries; 0: in none. */
  readonly cutAgainEvery: number;
  readonly progress?: (done: number, total: number) => void;
}

export interface SweepResult {
  readonly operations: number;
  readonly points: number;
  /** Points from which the board boots the old or the new image, twice. */
  readonly bootable: number;
  readonly recoveries: number;
  /** Of these: ended with the new image, confirmed. */
  readonly recovered: number;
  readonly sequenceFell: number;
  /** The first of each kind. */
  readonly faults: readonly SweepFault[];
  readonly wallMs: number;
  readonly recoveryWallMs: number;
}

export interface SweepFault extends SweepPoint {
  readonly fault: CutFault;
}

interface SweepPoint {
  readonly operation: number;
  readonly phase: CutPhase;
}

/** Cuts the power before, in and after every operation, and sees what the board makes of it. */
export function sweepPowerCuts(
  journal: UpdateJournal,
  operations: readonly FlashOperation[],
  options: SweepOptions,
): Promise<SweepResult> {
  return new PowerCutSweep(journal, operations, options).run();
}

class PowerCutSweep {
  readonly #journal: UpdateJournal;
  readonly #operations: readonly FlashOperation[];
  readonly #options: SweepOptions;
  readonly #oracle: CutOracle;
  readonly #count = { points: 0, bootable: 0, recoveries: 0, recovered: 0, sequenceFell: 0 };
  readonly #faults: SweepFault[] = [];
  #recoveryWallMs = 0;

  constructor(
    journal: UpdateJournal,
    operations: readonly FlashOperation[],
    options: SweepOptions,
  ) {
    this.#journal = journal;
    this.#operations = operations;
    this.#options = options;
    this.#oracle = new CutOracle(journal.chip);
  }

  async run(): Promise<SweepResult> {
    const startedMs = performance.now();
    const chip = this.#journal.chip.fork();
    let reached = this.#oracle.sequenceOf(chip);
    for (const [index, operation] of this.#operations.entries()) {
      for (const phase of PHASES) {
        const cut = chip.fork();
        cut.cutIn(operation, phase, randomStream(this.#options.seed, `cut/${index}`));
        this.#judge(cut, reached, { operation: index, phase });
        await this.#maybeRecover(cut, { operation: index, phase });
      }
      chip.cutIn(operation, "after", NO_CHANCE);
      reached = this.#oracle.sequenceOf(chip);
      this.#options.progress?.(index + 1, this.#operations.length);
    }
    const wallMs = performance.now() - startedMs - this.#recoveryWallMs;
    const { length: operations } = this.#operations;
    const walls = { wallMs, recoveryWallMs: this.#recoveryWallMs };
    return { operations, ...this.#count, faults: this.#faults, ...walls };
  }

  #judge(cut: Flash, before: SequenceBefore, point: SweepPoint): void {
    const faults = this.#oracle.faultsOf(cut, before);
    this.#count.points++;
    if (!faults.includes("does not boot")) this.#count.bootable++;
    if (faults.includes("sequence fell")) this.#count.sequenceFell++;
    for (const fault of faults) this.#note(point, fault);
  }

  async #maybeRecover(cut: Flash, point: SweepPoint): Promise<void> {
    const { recoverEvery, recoverAt = 0, cutAgainEvery, seed } = this.#options;
    if (recoverEvery === 0 || this.#count.points % recoverEvery !== recoverAt) return;
    const startedMs = performance.now();
    this.#count.recoveries++;
    const cutsAgain = cutAgainEvery > 0 && this.#count.recoveries % cutAgainEvery === 0;
    if (await recovers(this.#journal, cut, seed + this.#count.points, cutsAgain)) {
      this.#count.recovered++;
    } else this.#note(point, "does not recover");
    this.#recoveryWallMs += performance.now() - startedMs;
  }

  #note(point: SweepPoint, fault: CutFault): void {
    if (this.#faults.some((known) => known.fault === fault)) return;
    this.#faults.push({ ...point, fault });
  }
}

/** The firmware goes on by itself, with its power, its network and its server; perhaps with one more cut. */
async function recovers(
  { releases }: UpdateJournal,
  chip: Flash,
  seed: number,
  cutsAgain: boolean,
): Promise<boolean> {
  const system = await createUpdateWorld({ seed, firmware: chip });
  for (const image of releases) await system.publish(image);
  if (cutsAgain) planCut(system, seed);
  system.board.powerOn();
  return becomes(system, NEW_VERSION);
}

const SECOND_CUT_WITHIN = 5_000;
const DARK_MS = 5_000;

function planCut({ world, board }: UpdateWorld, seed: number): void {
  const random = randomStream(seed, "second cut");
  const operation = board.flash.operations + 1 + Math.floor(random() * SECOND_CUT_WITHIN);
  const phase = PHASES[Math.floor(random() * PHASES.length)] ?? "torn";
  board.flash.cutPower({ operation, phase, random });
  board.powerCut = () => void world.after(DARK_MS, () => board.powerOn());
}
