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
import { noteRollback } from "./ledger.ts";
import { isSigned, type Release } from "./release.ts";
import { type Outcome, type ResultsContext, UpdateResults } from "./update-results.ts";
import type { UpdateStore } from "./update-store.ts";

interface HistoryContext extends ResultsContext {
  report(payload: UpdateEventPayload): void;
}

type HistoryPorts = Pick<Ports, "appSlots" | "board"> & { readonly http: Http };

/** Signed, whole, and no image that could run: it never will be one. */
const BAD_IMAGE: ReadonlySet<UpdateFailure> = new Set<UpdateFailure>([
  "image_invalid",
  "image_mismatch",
  "select_refused",
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
    this.#results = new UpdateResults(ports.http, store, context);
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
      boardFailed: this.#boots.boardFailed,
    });
    if (outcome.kind === "not_taken_back") this.reject(outcome.reason);
    if (outcome.kind === "confirmed") this.confirmed(outcome.attempt);
    if (outcome.kind === "rolled_back") this.rolledBack(outcome.attempt, outcome.reason);
    // Where nothing else boots it is tried for as long as it takes.
    const isOnTrial = outcome.kind === "trial" || outcome.kind === "not_taken_back";
    return isOnTrial ? "trial" : "again";
  }

  /** The manifest this image was installed by; undefined for one that has none. */
  beginTrial(): string | undefined {
    const { attempt, release } = this.#store;
    if (attempt === undefined) return undefined;
    this.#store.attempt = { ...attempt, phase: "pending" };
    const isSignedRelease =
      attempt.sequence > 0 && release !== undefined && isSigned(release.source);
    return isSignedRelease ? release.source.jws : undefined;
  }

  /** False when it could not be written: nothing is confirmed. Without an attempt nobody waits for a result. */
  confirm(): boolean {
    if (!this.#installer.confirm()) return false;
    const { attempt } = this.#store;
    if (attempt !== undefined) this.confirmed(attempt);
    // Everything runs here already, but for what safe mode was for: a restart shows whether that is over.
    if (this.#boots.safeMode === undefined) this.#boots.endSafeMode();
    else this.#boots.restartAfresh();
    return true;
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
    this.tell({ status: "refused", version, elfSha256, sequence, reason });
  }

  /** Bytes that are not what was signed say nothing of the image, and are fetched again, later each time. */
  giveUp(release: Release, reason: UpdateFailure): void {
    const { version, elfSha256, sequence } = release;
    const isBad = BAD_IMAGE.has(reason);
    if (isBad && elfSha256 !== "") {
      this.#store.ledger = noteRollback(
        this.#store.ledger,
        { elfSha256, sequence },
        "never_started",
      );
    }
    this.tell({ status: "failed", version, elfSha256, sequence, reason });
    this.#installer.close();
    if (isBad) this.countFailure();
  }

  /** In an order that may end anywhere: the attempt goes last, and until then all of this is done again. */
  private confirmed({ id, version, from, to: elfSha256, sequence }: Attempt): void {
    this.#store.raiseFloor({ sequence, elfSha256 });
    this.#store.failures = 0;
    this.#installer.keepPrevious(from);
    this.tell({ status: "confirmed", version, elfSha256, sequence, id });
    this.#installer.forget();
    this.#store.attempt = undefined;
  }

  private rolledBack(
    { id, version, to: elfSha256, sequence }: Attempt,
    reason: RollbackReason,
  ): void {
    const build = { elfSha256, sequence };
    const environment = isEnvironment(reason);
    this.#store.ledger = noteRollback(this.#store.ledger, build, reason);
    this.tell({ status: "rolled_back", version, elfSha256, sequence, reason, id });
    const entry = this.#store.ledger.find((known) => known.elfSha256 === elfSha256);
    const isTriedAgain = environment && reason !== "release_blocked";
    if (!isTriedAgain || (entry?.installs ?? 0) >= INSTALLS_MAX) this.#installer.close();
    this.#store.attempt = undefined;
    if (!environment) this.countFailure();
  }

  private countFailure(): void {
    const failures = this.#store.failures + 1;
    this.#store.failures = failures >= UPDATES_FAILED_MAX ? 0 : failures;
    if (failures >= UPDATES_FAILED_MAX && this.#boots.safeMode === undefined) {
      this.#boots.restartInSafeMode("updates_failed");
    }
  }

  private tell(outcome: Outcome): void {
    const { reason } = outcome;
    this.#results.add(outcome);
    this.#results.send();
    const { status, version, elfSha256, sequence } = outcome;
    const why = reason === undefined ? {} : { reason };
    this.#context.report({ status, version, elfSha256, sequence, ...why });
  }
}
