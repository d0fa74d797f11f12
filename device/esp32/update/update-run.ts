import type { DeviceConfig } from "../../../protocol/device-config.ts";
import type { UpdateEventPayload } from "../../../protocol/update-messages.ts";
import { GATE_RETRY_MS, GATE_RETRY_PAUSE_MS, UPDATE_QUIET_LOOK_MS } from "../limits.ts";
import type { HttpLane, Ports, TimerHandle } from "../ports.ts";
import type { BootWatch } from "./boot-watch.ts";
import type { DownloadBackoff } from "./download-backoff.ts";
import { Downloads } from "./downloads.ts";
import { Gates } from "./gates.ts";
import type { Installer } from "./installer.ts";
import type { OfferVerdict } from "./offer-check.ts";
import { type Conditions, isQuiet } from "./quiet.ts";
import type { Release } from "./release.ts";
import { eventOf } from "./update-event.ts";
import type { UpdateHistory } from "./update-history.ts";
import type { KnownServer, UpdateServer } from "./update-server.ts";
import {
  type GateFailure,
  stepUpdate,
  type UpdateEffect,
  type UpdateInput,
  type UpdateState,
} from "./update-state.ts";

/** What the rest of the feeder says and hears of updates. */
export interface UpdateSurroundings {
  readonly window: () => Conditions["window"];
  readonly config: Pick<DeviceConfig, "updateBatteryMv" | "updateCheckSeconds">;
  readonly isIdle: () => boolean;
  readonly report: (payload: UpdateEventPayload) => void;
}

interface RunParts {
  readonly ports: Omit<Ports, "http"> & { readonly http: HttpLane };
  readonly surroundings: UpdateSurroundings;
  readonly firmwareVersion: string;
  readonly known: KnownServer;
  readonly server: UpdateServer;
  readonly boots: BootWatch;
  readonly installer: Installer;
  readonly history: UpdateHistory;
  readonly backoff: DownloadBackoff;
  isOnline(): boolean;
  /** The offer again, as it would be judged now. */
  judge(release: Release): OfferVerdict;
  /** The permission to download has run out. */
  renew(): void;
}

/** One update, carried out: the state, and what each step of it does to the board. */
export class UpdateRun {
  readonly #parts: RunParts;
  readonly #gates: Gates;
  readonly #downloads: Downloads;
  #state: UpdateState = { kind: "idle" };
  #timer: TimerHandle | undefined;
  #reportedBytes = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
    const { ports, installer, server } = parts;
    const { time, entropy, manifestKeys, appSlots, http } = ports;
    this.#downloads = new Downloads(http, installer.writer);
    const isOnline = (): boolean => parts.isOnline();
    this.#gates = new Gates({ time, entropy, manifestKeys, appSlots, http, isOnline }, server);
  }

  get state(): UpdateState {
    return this.#state;
  }

  get release(): Release | undefined {
    return "release" in this.#state ? this.#state.release : undefined;
  }

  /** On trial, where any reset would be the end of the image, or about to restart for it. */
  get isCommitted(): boolean {
    return ["pending", "staged", "restarting"].includes(this.#state.kind);
  }

  offer(release: Release): void {
    const fileOffsetBytes = this.#parts.installer.writer.takenBytes;
    this.step({ kind: "offered", release, fileOffsetBytes });
  }

  /** What was written of it is worth nothing any more. */
  withdraw(): void {
    this.#parts.installer.close();
    this.step({ kind: "withdrawn" });
  }

  beginTrial(): void {
    this.#state = { kind: "pending" };
    this.tell();
    const jws = this.#parts.history.beginTrial();
    this.#gates.onTrial(this.#parts.firmwareVersion, jws, (failure) =>
      this.step({ kind: "gated", failure }),
    );
  }

  private step(input: UpdateInput): void {
    const before = this.#state;
    const { state, effects } = stepUpdate(before, input, this.#parts.ports.entropy.uniform());
    this.#state = state;
    if (state.kind !== "downloading") this.#downloads.stop();
    if (before.kind !== state.kind) this.tell();
    for (const effect of effects) this.do(effect);
  }

  private do(effect: UpdateEffect): void {
    switch (effect.kind) {
      case "await_quiet":
        return this.later(0, () => this.lookForQuiet());
      case "download":
        return this.download(effect.release);
      case "wait":
        return this.later(effect.delayMs, () => this.step({ kind: "waited" }));
      case "verify":
        return this.verify(effect.release);
      case "gate":
        return this.gateBeforeRestart();
      case "stage":
        return this.stage(effect.release);
      case "restart":
        return this.restart();
      case "confirm":
        return this.confirm();
      case "reject":
        return this.reject(effect.reason);
      case "give_up":
        this.#parts.backoff.failed(effect.release.sha256, this.nowMs());
        return this.#parts.history.giveUp(effect.release, effect.reason);
    }
  }

  private isQuiet(): boolean {
    const { surroundings, ports, known, isOnline } = this.#parts;
    const { isIdle, config } = surroundings;
    const batteryMv = ports.battery.millivolts();
    const timeMs = known.wallClockMs(this.nowMs());
    const conditions = {
      ...{ isIdle: isIdle() && isOnline(), batteryMv, timeMs },
      ...{ batteryMinMv: config.updateBatteryMv, window: surroundings.window() },
    };
    return isQuiet(conditions, this.release?.force === true);
  }

  private lookForQuiet(): void {
    if (this.isQuiet()) return this.step({ kind: "quiet" });
    this.later(UPDATE_QUIET_LOOK_MS, () => this.lookForQuiet());
  }

  private download(release: Release): void {
    this.#downloads.start(release, {
      progress: (fileOffsetBytes) => this.progress(fileOffsetBytes, release.sizeBytes),
      ended: (end) => {
        if (end.kind !== "stale") return this.step(end);
        this.step({ kind: "broken" });
        this.#parts.renew();
      },
    });
  }

  private progress(fileOffsetBytes: number, sizeBytes: number): void {
    this.step({ kind: "progress", fileOffsetBytes });
    // A tenth at a time: a message a sector would be three hundred.
    if (Math.abs(fileOffsetBytes - this.#reportedBytes) >= sizeBytes / 10) this.tell();
  }

  private verify(release: Release): void {
    const image = this.#parts.installer.check(release);
    if (image.kind === "good") return this.step({ kind: "verified" });
    this.step({ kind: "failed", reason: image.reason });
  }

  private gateBeforeRestart(): void {
    if (this.release === undefined) return;
    this.#gates.beforeRestart(this.release, (failure) => {
      // The gate took its time, and somebody may have come.
      const isStillQuiet = failure !== undefined || this.isQuiet();
      this.step(isStillQuiet ? { kind: "gated", failure } : { kind: "waited" });
    });
  }

  /** It may have expired while it waited, and after a restart nobody knew the time. */
  private stage(release: Release): void {
    const { installer, history, judge } = this.#parts;
    const verdict = judge(release);
    if (verdict.kind === "refused") {
      this.withdraw();
      return history.refused(release.version, verdict.reason, release);
    }
    const reason = installer.stage(release);
    this.step(reason === undefined ? { kind: "staged" } : { kind: "failed", reason });
  }

  /** The selection is made and lasts: a bird that has just come is not sent away for it. */
  private restart(): void {
    const { surroundings, boots } = this.#parts;
    if (surroundings.isIdle()) return boots.restart();
    this.later(UPDATE_QUIET_LOOK_MS, () => this.restart());
  }

  private confirm(): void {
    if (this.#parts.history.confirm()) return;
    this.#parts.ports.log.write("warn", "update", "good, and otadata does not take it");
    this.later(GATE_RETRY_PAUSE_MS, () => this.beginTrial());
  }

  /** Where there is nothing to go back to, this image is what there is: it tries until it is fit. */
  private reject(reason: GateFailure): void {
    this.#parts.history.reject(reason);
    this.#parts.ports.log.write("warn", "update", `${reason}, and no other image`);
    this.later(GATE_RETRY_MS, () => this.beginTrial());
  }

  private tell(): void {
    this.#reportedBytes = this.#state.kind === "downloading" ? this.#state.fileOffsetBytes : 0;
    const event = eventOf(this.#state, this.#parts.firmwareVersion);
    if (event !== undefined) this.#parts.surroundings.report(event);
  }

  private nowMs(): number {
    return this.#parts.ports.time.monotonicMs();
  }

  private later(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.ports.time.after(delayMs, run);
  }
}
