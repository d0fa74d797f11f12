import type {
  OfferedManifest,
  UnsignedImage,
  UpdateCommand,
  UpdateStage,
} from "../../../protocol/update-messages.ts";
import { COMMAND_EVERY_MS, COMMAND_SETTLE_MS, UPDATE_QUIET_LOOK_MS } from "../limits.ts";
import type { HttpLane, Ports, TimerHandle } from "../ports.ts";
import type { BootWatch } from "./boot-watch.ts";
import { DownloadBackoff } from "./download-backoff.ts";
import { inTurn } from "./in-turn.ts";
import { Installer } from "./installer.ts";
import type { OfferVerdict } from "./offer-check.ts";
import { judgeOffer } from "./offer-judge.ts";
import { isSigned, type Release } from "./release.ts";
import { UpdateHistory } from "./update-history.ts";
import { UpdatePoll } from "./update-poll.ts";
import { UpdateRun, type UpdateSurroundings } from "./update-run.ts";
import { type KnownServer, type UpdateIdentity, UpdateServer } from "./update-server.ts";
import { UpdateStore } from "./update-store.ts";

type UpdatePorts = Omit<Ports, "http"> & { readonly http: HttpLane };

/** Keeps the firmware current: asks, is told, decides, and remembers. */
export class Updater {
  readonly #ports: UpdatePorts;
  readonly #surroundings: UpdateSurroundings;
  readonly #identity: UpdateIdentity;
  readonly #known: KnownServer;
  readonly #boots: BootWatch;
  readonly #store: UpdateStore;
  readonly #installer: Installer;
  readonly #history: UpdateHistory;
  readonly #poll: UpdatePoll;
  readonly #run: UpdateRun;
  readonly #backoff = new DownloadBackoff();
  #online = false;
  #commandedAtMs = Number.NEGATIVE_INFINITY;
  /** A restart of one kind or another that waits for a quiet moment: the newest counts. */
  #ordered: TimerHandle | undefined;

  constructor(
    ports: UpdatePorts,
    known: KnownServer,
    identity: UpdateIdentity,
    boots: BootWatch,
    surroundings: UpdateSurroundings,
  ) {
    this.#ports = ports;
    this.#surroundings = surroundings;
    this.#identity = identity;
    this.#known = known;
    this.#boots = boots;
    const { appSlots, board, createSha256, entropy } = ports;
    const http = inTurn(ports.http);
    const makeId = (): string => Math.floor(entropy.uniform() * 2 ** 48).toString(36);
    const store = new UpdateStore(ports.store);
    const installer = new Installer(appSlots, createSha256, store, boots, makeId);
    const server = new UpdateServer(http, known, identity, appSlots, store);
    const context = { deviceId: identity.deviceId, server: known, makeId };
    const { report } = surroundings;
    const history = new UpdateHistory({ appSlots, board, http }, store, installer, boots, {
      ...context,
      report,
    });
    this.#store = store;
    this.#installer = installer;
    this.#history = history;
    this.#run = new UpdateRun({
      ...{ ports, surroundings, known, server, boots, installer, history },
      firmwareVersion: identity.firmwareVersion,
      backoff: this.#backoff,
      isOnline: () => this.#online,
      judge: ({ source, force }) => this.judge(source, force),
      renew: () => this.#poll.ask(),
    });
    const mayAsk = (): boolean => this.#online && !this.#run.isCommitted;
    this.#poll = new UpdatePoll(ports, server, surroundings.config, mayAsk, ({ manifest }) => {
      history.send();
      if (manifest === undefined) this.withdraw();
      else this.offer(manifest, false);
    });
  }

  /** On trial, or about to restart for one. */
  get isCommitted(): boolean {
    return this.#run.isCommitted;
  }

  get stage(): UpdateStage | "idle" {
    const { kind } = this.#run.state;
    return kind === "rolledBack" ? "rolled_back" : kind;
  }

  start(): void {
    if (this.#history.judge() === "trial") this.#run.beginTrial();
    else this.takeUp();
    this.#poll.start();
  }

  networkChanged(online: boolean): void {
    this.#online = online;
    if (online) this.#history.send();
  }

  command(command: UpdateCommand): void {
    if (this.#run.isCommitted) {
      return this.#ports.log.write("warn", "update", `${command.action}: busy`);
    }
    switch (command.action) {
      case "update":
        if (command.manifest === undefined) return this.#poll.ask();
        return this.offerInRoom(command.manifest, command.force);
      case "unsigned":
        return this.offerInRoom(command.image, command.force);
      case "revert":
        return this.settled(() => this.revert(command.elfSha256));
      case "safe_mode":
        return this.settled(() => this.#boots.restartInSafeMode("commanded"));
      case "restart":
        return this.settled(() => this.#boots.restartAfresh());
    }
  }

  /** What was under way when the power went; whether it may go on is asked again. */
  private takeUp(): void {
    const stored = this.#store.release;
    if (stored === undefined) return;
    this.offer(stored.source, stored.force);
    if (this.#run.release === undefined) this.#installer.close();
  }

  /** Whoever floods the room must not wear NVS out. */
  private offerInRoom(source: Release["source"], force: boolean): void {
    const nowMs = this.#ports.time.monotonicMs();
    if (nowMs - this.#commandedAtMs < COMMAND_EVERY_MS) return;
    this.#commandedAtMs = nowMs;
    this.offer(source, force);
  }

  private offer(source: OfferedManifest | UnsignedImage, force: boolean): void {
    if (this.#run.isCommitted) return;
    const current = this.#run.release;
    // The permission to fetch is renewed with every offer; an order to hurry stays.
    const isForced = force || (current?.sha256 === source.sha256 && current.force);
    const verdict = this.judge(source, isForced);
    if (verdict.kind === "refused") {
      return this.#history.refused(source.version, verdict.reason, verdict.manifest);
    }
    const { release } = verdict;
    if (!this.#backoff.isDue(release.sha256, this.#ports.time.monotonicMs())) return;
    if (this.#boots.hasStartedUnremembered(release.elfSha256)) {
      return this.#history.refused(release.version, "storage_failed", release);
    }
    if (!this.#installer.open(release)) {
      return this.#history.refused(release.version, "busy", release);
    }
    this.#run.offer(release);
  }

  private judge(source: Release["source"], force: boolean): OfferVerdict {
    const about = { identity: this.#identity, server: this.#known, store: this.#store };
    return judgeOffer(source, force, this.#ports, about);
  }

  /** The server stopped it: also one that is tried again and again is given up. An order by hand stands. */
  private withdraw(): void {
    const release = this.#run.isCommitted ? undefined : this.#run.release;
    if (release === undefined || release.force || !isSigned(release.source)) return;
    this.#run.withdraw();
  }

  private revert(elfSha256: string | undefined): void {
    const failure = this.#installer.revert(elfSha256);
    if (failure === undefined) return this.#boots.restart();
    this.#history.refused(this.#identity.firmwareVersion, failure, undefined);
  }

  private settled(act: () => void): void {
    this.#ordered?.cancel();
    this.#ordered = this.#ports.time.after(COMMAND_SETTLE_MS, () => this.whenIdle(act));
  }

  private whenIdle(act: () => void): void {
    if (this.#surroundings.isIdle() && !this.#run.isCommitted) return act();
    this.#ordered = this.#ports.time.after(UPDATE_QUIET_LOOK_MS, () => this.whenIdle(act));
  }
}
