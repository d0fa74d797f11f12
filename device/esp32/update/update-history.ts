import type { UpdateEventPayload } from "../../../protocol/update-messages.ts";
import {
  isEnvironment,
  type RollbackReason,
  type UpdateFailure,
  type UpdateReason,
} from "../../../protocol/update-reasons.ts";
import { INSTALLS_MAX, UPDATES_FAILED_MAX } from "../limits.ts";
import type { Http, Ports } from "../ports.ts";
import { type Attempt, judgeBoot } from "./attempt.ts";
import type { BootWatch } from "./boot-watch.ts";
import type { Installer } from "./installer.ts";
import { countInstall, noteRollback } from "./ledger.ts";
import type { Release } from "./release.ts";
import { type Outcome, UpdateResults } from "./update-results.ts";
import type { UpdateStore } from "./update-store.ts";

interface HistoryContext {
  readonly deviceId: string;
  readonly server: { readonly apiBase: string };
  report(payload: UpdateEventPayload): void;
}

type HistoryPorts = Pick<Ports, "appSlots" | "board"> & { readonly http: Http };

/** The image is not to blame, and asking again costs no flash. */
const BLAMELESS: ReadonlySet<UpdateFailure> = new Set<UpdateFailure>([
  "release_blocked",
  "download_failed",
  "download_refused",
]);

/** What became of updates: judged at boot, written down before it is acted on, told until it is heard. */
export class UpdateHistory {
  readonly #ports: HistoryPorts;
  readonly #store: UpdateStore;
  readonly #installer: Installer;
  readonly #boots: BootWatch;
  readonly #context: HistoryContext;
  readonly #results: UpdateResults;
  #lastRefusal = "";

  constructor(
    ports: HistoryPorts,
    store: UpdateStore,
    installer: Installer,
    boots: BootWatch,
    context: HistoryContext,
  ) {
    this.#ports = ports;
    this.#store = store;
    this.#installer = installer;
    this.#boots = boots;
    this.#context = context;
    this.#results = new UpdateResults(ports.http, store, context.server, context.deviceId);
  }

  send(): void {
    this.#results.send();
  }

  /** `trial`: this image is to be tried. `again`: what was under way goes on. */
  judge(): "trial" | "again" {
    const { appSlots, board } = this.#ports;
    const outcome = judgeBoot({
      attempt: this.#store.attempt,
      runningElfSha256: appSlots.running.elfSha256,
      runningState: appSlots.runningState(),
      otherState: appSlots.otherState(),
      resetReason: board.resetReason,
    });
    if (outcome.kind === "not_taken_back") this.reject(outcome.reason);
    if (outcome.kind === "confirmed") this.#confirmed(outcome.attempt);
    if (outcome.kind === "rolled_back") this.#rolledBack(outcome.attempt, outcome.reason);
    // Where nothing else boots it is tried for as long as it takes.
    const isOnTrial = outcome.kind === "trial" || outcome.kind === "not_taken_back";
    return isOnTrial ? "trial" : "again";
  }

  /** True when the server knows this image as a release. */
  beginTrial(): boolean {
    const { attempt } = this.#store;
    if (attempt === undefined) return false;
    this.#store.attempt = { ...attempt, phase: "pending" };
    return attempt.sequence > 0;
  }

  /** Without an attempt it was flashed by hand, and nobody waits for a result. */
  confirm(): void {
    this.#installer.confirm();
    const { attempt } = this.#store;
    if (attempt !== undefined) this.#confirmed(attempt);
    if (this.#boots.safeMode !== undefined) this.#boots.restartAfresh();
  }

  /** The reason is on flash before the restart: the other image reports it. */
  reject(reason: RollbackReason): void {
    const { attempt } = this.#store;
    if (attempt !== undefined) this.#store.attempt = { ...attempt, phase: "rejected", reason };
    this.#installer.reject();
  }

  refused(
    version: string,
    reason: UpdateReason,
    build: { readonly elfSha256: string; readonly sequence: number } | undefined,
  ): void {
    const { elfSha256 = "", sequence = 0 } = build ?? {};
    const refusal = `${version} ${elfSha256} ${sequence} ${reason}`;
    // Offered again every ten minutes; told once. What already runs is no news at all.
    if (reason === "already_running" || refusal === this.#lastRefusal) return;
    this.#lastRefusal = refusal;
    this.#tell({ status: "refused", version, elfSha256, sequence, reason });
  }

  giveUp(release: Release, reason: UpdateFailure): void {
    const { version, elfSha256, sequence } = release;
    const isBlameless = BLAMELESS.has(reason);
    // Counted like an install: bytes that are not what was signed are not fetched for ever.
    if (!isBlameless && elfSha256 !== "") {
      this.#store.ledger = countInstall(this.#store.ledger, { elfSha256, sequence });
    }
    this.#tell({ status: "failed", version, elfSha256, sequence, reason });
    this.#installer.close();
    if (!isBlameless) this.#countFailure();
  }

  /** In an order that may end anywhere: the attempt goes last, and until then all of this is done again. */
  #confirmed({ version, to: elfSha256, sequence }: Attempt): void {
    if (sequence > 0) this.#store.floor = { sequence, elfSha256 };
    this.#store.failures = 0;
    this.#tell({ status: "confirmed", version, elfSha256, sequence });
    this.#installer.close();
    this.#store.attempt = undefined;
  }

  #rolledBack({ version, to: elfSha256, sequence }: Attempt, reason: RollbackReason): void {
    const build = { elfSha256, sequence };
    const environment = isEnvironment(reason);
    this.#store.ledger = noteRollback(this.#store.ledger, build, reason);
    this.#tell({ status: "rolled_back", version, elfSha256, sequence, reason });
    const entry = this.#store.ledger.find((known) => known.elfSha256 === elfSha256);
    const isTriedAgain = environment && reason !== "release_blocked";
    if (!isTriedAgain || (entry?.installs ?? 0) >= INSTALLS_MAX) this.#installer.close();
    this.#store.attempt = undefined;
    if (!environment) this.#countFailure();
  }

  #countFailure(): void {
    const failures = this.#store.failures + 1;
    this.#store.failures = failures >= UPDATES_FAILED_MAX ? 0 : failures;
    if (failures >= UPDATES_FAILED_MAX && this.#boots.safeMode === undefined) {
      this.#boots.restartInSafeMode("updates_failed");
    }
  }

  #tell(outcome: Outcome): void {
    const { reason } = outcome;
    this.#results.add(outcome);
    this.#results.send();
    const { status, version, elfSha256, sequence } = outcome;
    const why = reason === undefined ? {} : { reason };
    this.#context.report({ status, version, elfSha256, sequence, ...why });
  }
}
