import type { FeederPhase } from "../board/currents.ts";
import type { StagedFeeder } from "../staged-feeder.ts";
import type { World } from "../world.ts";
import { BinnedSum } from "./binned-sum.ts";
import type { BoardTimeline, Mark } from "./board-timeline.ts";
import { ExchangeLog } from "./exchange-log.ts";
import { FirstOf } from "./first-of.ts";
import { FlashRecorder } from "./flash-recorder.ts";
import { Lane, type Span } from "./lane.ts";
import { LinkRecorder } from "./link-recorder.ts";

/** What the feeder's board is in; a burst belongs to what it was in before. */
const STATES: Partial<Record<FeederPhase, string>> = {
  off: "off",
  booting: "booting",
  alone: "running",
  joining: "running",
  associated: "running",
  asleep: "asleep",
};
const BURSTS = new Set<FeederPhase>(["sending", "receiving", "flash"]);
const WIFI = new Set<FeederPhase>(["joining", "associated"]);
const TURNS = /^(boot \S+|reset \S+|sleep|power cut|bricked: .+|fails: .+)$/;
const TAKEN = /^(?:(still|clip) (\d+) \S+|dies)$/;
const SAFE_MODE = /^(\S+) .* in safe mode: /;

/** Follows one feeder from the beginning of its world. */
export class BoardRecorder {
  readonly #feeder: StagedFeeder;
  readonly #world: World;
  readonly #states = new Lane();
  readonly #wifi = new Lane();
  readonly #session = new Lane();
  readonly #camera = new Lane();
  readonly #marks = new FirstOf<Mark>();
  readonly #taken = new FirstOf<Mark>();
  readonly #exchanges = new ExchangeLog();
  readonly #charge = { feeder: new BinnedSum(), camera: new BinnedSum() };
  readonly #link: LinkRecorder;
  readonly #flash: FlashRecorder;
  #onAir = false;
  #openedAtMs: number | undefined;

  constructor(world: World, feeder: StagedFeeder) {
    this.#world = world;
    this.#feeder = feeder;
    const { board, cameraMeter } = feeder;
    this.#link = new LinkRecorder(world, board.link);
    this.#flash = new FlashRecorder(world, board.flash);
    board.meter.watch = (phase, fromMs, toMs) => this.#booked(phase, fromMs, toMs);
    cameraMeter.watch = (phase, fromMs, toMs) => {
      this.#charge.camera.addOver(fromMs, toMs, cameraMeter.currents.mA[phase]);
      this.#camera.add(phase, fromMs, toMs);
    };
    board.radio.watchSession = (isOpen) => this.#turnSession(isOpen);
  }

  /** Of the board's own lines of the trace, of its camera's, of its radio's. */
  see(who: "board" | "camera" | "http", atMs: number, what: string): void {
    if (who === "http") this.#exchanges.see(atMs, what);
    else if (who === "board") this.#seeTurn(atMs, what);
    else this.#seeTaken(atMs, what);
  }

  timeline(): BoardTimeline {
    const { deviceId, visits } = this.#feeder;
    const energy = this.#feeder.energy();
    if (this.#openedAtMs !== undefined) this.#turnSession(true);
    const marks = this.#marks.beginning();
    const visited = visits.map((atMs) => ({ atMs, what: "visit" }));
    const { feeder, camera } = this.#charge;
    return {
      deviceId,
      states: withSafeMode(this.#states.spans(), this.#feeder.log),
      wifi: this.#wifi.spans(),
      session: this.#session.spans(),
      camera: this.#camera.spans(),
      marks: { ...marks, kept: [...marks.kept, ...visited].sort(byTime) },
      taken: this.#taken.beginning(),
      exchanges: this.#exchanges.exchanges(),
      link: this.#link.timeline(),
      flash: this.#flash.timeline(),
      charge: { feeder: feeder.binned(), camera: camera.binned() },
      energy,
    };
  }

  #booked(phase: FeederPhase, fromMs: number, toMs: number): void {
    const { mA } = this.#feeder.board.meter.currents;
    this.#charge.feeder.addOver(fromMs, toMs, mA[phase]);
    if (BURSTS.has(phase)) {
      this.#states.extend(toMs);
      if (this.#onAir) this.#wifi.extend(toMs);
      return;
    }
    this.#states.add(STATES[phase], fromMs, toMs);
    this.#onAir = WIFI.has(phase);
    if (this.#onAir) this.#wifi.add(phase, fromMs, toMs);
  }

  #turnSession(isOpen: boolean): void {
    const { nowMs } = this.#world;
    this.#session.add("open", this.#openedAtMs ?? nowMs, nowMs);
    this.#openedAtMs = isOpen ? nowMs : undefined;
  }

  #seeTurn(atMs: number, what: string): void {
    if (TURNS.test(what)) this.#marks.push({ atMs, what });
  }

  #seeTaken(atMs: number, what: string): void {
    const [line, kind, bytes] = TAKEN.exec(what) ?? [];
    if (line === undefined) return;
    this.#taken.push({ atMs, what: kind === undefined ? line : `${kind}, ${bytes} bytes` });
  }
}

function byTime(one: Mark, other: Mark): number {
  return one.atMs - other.atMs;
}

/** The firmware says so in the first lines of a start. */
function withSafeMode(spans: readonly Span[], log: readonly string[]): Span[] {
  const said = log.flatMap((line) => SAFE_MODE.exec(line)?.slice(1).map(Number) ?? []);
  const runs = spans.filter(({ state }) => state === "running");
  // What the bootloader wrote still takes its time while the firmware says so.
  const safe = new Set(said.map((atMs) => runs.find(({ toMs }) => toMs > atMs)));
  return spans.map((span) => (safe.has(span) ? { ...span, state: "safe mode" } : span));
}
