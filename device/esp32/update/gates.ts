import { GATE_BEFORE_RESTART_MS, GATE_DEADLINE_MS, GATE_SLACK_MS } from "../limits.ts";
import type { HttpLane, Ports } from "../ports.ts";
import { type GateSubject, passGate } from "./health-gate.ts";
import { isSigned, type Release } from "./release.ts";
import type { UpdateServer } from "./update-server.ts";
import type { GateFailure } from "./update-state.ts";

type GatePorts = Pick<Ports, "time" | "entropy" | "manifestKeys" | "appSlots"> & {
  readonly http: HttpLane;
  isOnline(): boolean;
};

type GateDone = (failure: GateFailure | undefined) => void;

/**
 * The one gate, passed twice: by the old image for the new one, and by the new one for itself. It is one turn: on trial,
 * where it comes first, photos wait for its end.
 */
export class Gates {
  readonly #ports: GatePorts;
  readonly #server: UpdateServer;
  #run = 0;

  constructor(ports: GatePorts, server: UpdateServer) {
    this.#ports = ports;
    this.#server = server;
  }

  beforeRestart({ version, elfSha256, source }: Release, done: GateDone): void {
    const image = this.#ports.appSlots.otherImage;
    const jws = isSigned(source) ? source.jws : undefined;
    this.pass({ version, elfSha256, image, jws }, GATE_BEFORE_RESTART_MS, done);
  }

  onTrial(version: string, jws: string | undefined, done: GateDone): void {
    const { running, runningImage: image } = this.#ports.appSlots;
    const { elfSha256 } = running;
    this.pass({ version, elfSha256, image, jws }, GATE_DEADLINE_MS, done);
  }

  /** The deadline is kept here too: it must not hang on the very part that is tried. */
  private pass(subject: GateSubject, withinMs: number, done: GateDone): void {
    const { time, http } = this.#ports;
    const run = ++this.#run;
    const deadlineMs = time.monotonicMs() + withinMs;
    let endTurn = (): void => {};
    let isOver = false;
    const end = (failure: GateFailure | undefined): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      endTurn();
      if (run === this.#run) done(failure);
    };
    const timer = time.after(withinMs + GATE_SLACK_MS, () => end("server_unreachable"));
    http.takeTurn((leave) => {
      if (isOver) return leave();
      endTurn = leave;
      passGate(this.#ports, this.#server, subject, deadlineMs, end);
    });
  }
}
