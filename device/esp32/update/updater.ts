import type {
  OfferedManifest,
  UnsignedImage,
  UpdateCommand,
  UpdateEventPayload,
  UpdateStage,
} from "../../../protocol/update-messages.ts";
import { UPDATE_QUIET_LOOK_MS } from "../limits.ts";
import type { HttpLane, Ports, TimerHandle } from "../ports.ts";
import type { BootWatch } from "./boot-watch.ts";
import { Downloads } from "./downloads.ts";
import { Gates } from "./gates.ts";
import { inTurn } from "./in-turn.ts";
import { Installer } from "./installer.ts";
import type { OfferVerdict } from "./offer-check.ts";
import { judgeOffer } from "./offer-judge.ts";
import { type Conditions, isQuiet } from "./quiet.ts";
import { isSigned, type Release } from "./release.ts";
import { eventOf } from "./update-event.ts";
import { UpdateHistory } from "./update-history.ts";
import { UpdatePoll } from "./update-poll.ts";
import { type KnownServer, type UpdateIdentity, UpdateServer } from "./update-server.ts";
import {
  type GateFailure,
  stepUpdate,
  type UpdateEffect,
  type UpdateInput,
  type UpdateState,
} from "./update-state.ts";
import { UpdateStore } from "./update-store.ts";

type UpdatePorts = Omit<Ports, "http"> & { readonly http: HttpLane };

/** What the rest of the feeder says and hears of updates. */
export interface UpdateSurroundings {
  readonly window: Conditions["window"];
  readonly isIdle: () => boolean;
  readonly report: (payload: UpdateEventPayload) => void;
}

/** Keeps the firmware current: asks, decides, downloads, tries and reports. */
export class Updater {
  readonly #ports: UpdatePorts;
  readonly #surroundings: UpdateSurroundings;
  readonly #identity: UpdateIdentity;
  readonly #known: KnownServer;
  readonly #boots: BootWatch;
  readonly #store: UpdateStore;
  readonly #installer: Installer;
  readonly #server: UpdateServer;
  readonly #history: UpdateHistory;
  readonly #gates: Gates;
  readonly #downloads: Downloads;
  readonly #poll: UpdatePoll;
  #state: UpdateState = { kind: "idle" };
  #online = false;
  #timer: TimerHandle | undefined;
  #reportedBytes = 0;

  constructor(
    ports: UpdatePorts,
    server: KnownServer,
    identity: UpdateIdentity,
    boots: BootWatch,
    surroundings: UpdateSurroundings,
  ) {
    this.#ports = ports;
    this.#surroundings = surroundings;
    this.#identity = identity;
    this.#known = server;
    this.#boots = boots;
    this.#store = new UpdateStore(ports.store);
    this.#installer = new Installer(ports.appSlots, ports.createSha256, this.#store);
    this.#downloads = new Downloads(ports.http, this.#installer.writer);
    const http = inTurn(ports.http);
    this.#server = new UpdateServer(http, server, identity, ports.appSlots, this.#store);
    this.#history = new UpdateHistory({ ...ports, http }, this.#store, this.#installer, boots, {
      deviceId: identity.deviceId,
      server,
      report: surroundings.report,
    });
    this.#gates = new Gates({ ...ports, isOnline: () => this.#online }, this.#server);
    const mayAsk = (): boolean => this.#online && !this.#isCommitted();
    this.#poll = new UpdatePoll(ports, this.#server, mayAsk, ({ manifest }) => {
      this.#history.send();
      if (manifest === undefined) this.#withdraw();
      else this.#offer(manifest, false);
    });
  }

  get stage(): UpdateStage | "idle" {
    return this.#state.kind === "rolledBack" ? "rolled_back" : this.#state.kind;
  }

  start(): void {
    const outcome = this.#history.judge();
    if (outcome === "trial") this.#beginTrial();
    else this.#takeUp();
    this.#poll.start();
  }

  networkChanged(online: boolean): void {
    this.#online = online;
    if (online) this.#history.send();
  }

  command(command: UpdateCommand): void {
    if (this.#isCommitted()) {
      return this.#ports.log.write("warn", "update", `${command.action}: busy`);
    }
    switch (command.action) {
      case "update":
        if (command.manifest === undefined) return this.#poll.ask();
        return this.#offer(command.manifest, command.force);
      case "unsigned":
        return this.#offer(command.image, command.force);
      case "revert":
        return this.#revert(command.elfSha256);
      case "safe_mode":
        return this.#boots.restartInSafeMode("commanded");
      case "restart":
        return this.#boots.restartAfresh();
    }
  }

  /** On trial, where any reset would be the end of the image, or about to restart for it. */
  #isCommitted(): boolean {
    return ["pending", "staged", "restarting"].includes(this.#state.kind);
  }

  /** What was under way when the power went; whether it may go on is asked again. */
  #takeUp(): void {
    const stored = this.#store.release;
    if (stored === undefined) return;
    this.#offer(stored.source, stored.force);
    if (this.#release() === undefined) this.#installer.close();
  }

  #offer(source: OfferedManifest | UnsignedImage, force: boolean): void {
    if (this.#isCommitted()) return;
    const current = this.#release();
    // The permission to fetch is renewed with every offer; an order to hurry stays.
    const isForced = force || (current?.sha256 === source.sha256 && current.force);
    const verdict = this.#judge(source, isForced);
    if (verdict.kind === "refused") {
      return this.#history.refused(source.version, verdict.reason, verdict.manifest);
    }
    const { release } = verdict;
    if (!this.#installer.open(release)) {
      return this.#history.refused(release.version, "busy", release);
    }
    this.#step({ kind: "offered", release, fileOffsetBytes: this.#installer.writer.takenBytes });
  }

  #judge(source: Release["source"], force: boolean): OfferVerdict {
    const about = { identity: this.#identity, server: this.#known, store: this.#store };
    return judgeOffer(source, force, this.#ports, about);
  }

  /** The server stopped it: also one that is tried again and again is given up. An order by hand stands. */
  #withdraw(): void {
    const release = this.#isCommitted() ? undefined : this.#release();
    if (release === undefined || release.force || !isSigned(release.source)) return;
    this.#installer.close();
    this.#step({ kind: "withdrawn" });
  }

  #release(): Release | undefined {
    return "release" in this.#state ? this.#state.release : undefined;
  }

  #step(input: UpdateInput): void {
    const before = this.#state;
    const { state, effects } = stepUpdate(before, input, this.#ports.entropy.uniform());
    this.#state = state;
    if (state.kind !== "downloading") this.#downloads.stop();
    if (before.kind !== state.kind) this.#tell();
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: UpdateEffect): void {
    switch (effect.kind) {
      case "await_quiet":
        return this.#later(0, () => this.#lookForQuiet());
      case "download":
        return this.#download(effect.release);
      case "wait":
        return this.#later(effect.delayMs, () => this.#step({ kind: "waited" }));
      case "verify": {
        const image = this.#installer.check(effect.release);
        const isGood = image.kind === "good";
        return this.#step(isGood ? { kind: "verified" } : { kind: "failed", reason: image.reason });
      }
      case "gate":
        return this.#gateBeforeRestart();
      case "stage":
        return this.#stage(effect.release);
      case "restart":
        return this.#restart();
      case "confirm":
        return this.#history.confirm();
      case "reject":
        return this.#reject(effect.reason);
      case "give_up":
        return this.#history.giveUp(effect.release, effect.reason);
    }
  }

  #isQuiet(): boolean {
    const { isIdle, window } = this.#surroundings;
    const batteryMv = this.#ports.battery.millivolts();
    const timeMs = this.#known.wallClockMs(this.#ports.time.monotonicMs());
    const conditions = { isIdle: isIdle() && this.#online, batteryMv, window, timeMs };
    return isQuiet(conditions, this.#release()?.force === true);
  }

  #lookForQuiet(): void {
    if (this.#isQuiet()) return this.#step({ kind: "quiet" });
    this.#later(UPDATE_QUIET_LOOK_MS, () => this.#lookForQuiet());
  }

  /** It may have expired while it waited, and after a restart nobody knew the time. */
  #stage(release: Release): void {
    const verdict = this.#judge(release.source, release.force);
    if (verdict.kind === "refused") {
      this.#installer.close();
      this.#step({ kind: "withdrawn" });
      return this.#history.refused(release.version, verdict.reason, release);
    }
    const reason = this.#installer.stage(release);
    this.#step(reason === undefined ? { kind: "staged" } : { kind: "failed", reason });
  }

  /** The selection is made and lasts: a bird that has just come is not sent away for it. */
  #restart(): void {
    if (this.#surroundings.isIdle()) return this.#boots.restart();
    this.#later(UPDATE_QUIET_LOOK_MS, () => this.#restart());
  }

  #download(release: Release): void {
    this.#downloads.start(release, {
      progress: (fileOffsetBytes) => this.#progress(fileOffsetBytes),
      ended: (end) => {
        if (end.kind !== "stale") return this.#step(end);
        this.#step({ kind: "broken" });
        this.#poll.ask();
      },
    });
  }

  #progress(fileOffsetBytes: number): void {
    this.#step({ kind: "progress", fileOffsetBytes });
    const { sizeBytes } = this.#release() ?? { sizeBytes: 0 };
    // A tenth at a time: a message a sector would be three hundred.
    if (Math.abs(fileOffsetBytes - this.#reportedBytes) >= sizeBytes / 10) this.#tell();
  }

  #gateBeforeRestart(): void {
    const release = this.#release();
    if (release === undefined) return;
    this.#gates.beforeRestart(release, (failure) => {
      // The gate took its time, and somebody may have come.
      const isStillQuiet = failure !== undefined || this.#isQuiet();
      this.#step(isStillQuiet ? { kind: "gated", failure } : { kind: "waited" });
    });
  }

  #beginTrial(): void {
    this.#state = { kind: "pending" };
    this.#tell();
    const isPublished = this.#history.beginTrial();
    this.#gates.onTrial(this.#identity.firmwareVersion, isPublished, (failure) =>
      this.#step({ kind: "gated", failure }),
    );
  }

  /** Where there is nothing to go back to, this image is what there is: it tries until it is fit. */
  #reject(reason: GateFailure): void {
    this.#history.reject(reason);
    this.#ports.log.write("error", "update", `${reason}, and no other image`);
    this.#beginTrial();
  }

  #revert(elfSha256: string | undefined): void {
    const failure = this.#installer.revert(elfSha256);
    if (failure === undefined) return this.#boots.restart();
    this.#history.refused(this.#identity.firmwareVersion, failure, undefined);
  }

  #tell(): void {
    this.#reportedBytes = this.#state.kind === "downloading" ? this.#state.fileOffsetBytes : 0;
    const event = eventOf(this.#state, this.#identity.firmwareVersion);
    if (event !== undefined) this.#surroundings.report(event);
  }

  #later(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.time.after(delayMs, run);
  }
}
