import { claimCodeIn } from "../../host-sim/claim-code.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import type { SerialLine } from "../serial/serial-line.ts";
import { lineEnded } from "./failures.ts";

export interface Claim {
  readonly deviceId: string;
  /** Null where the server takes the feeder without being asked. */
  readonly claimCode: string | null;
}

/** What the feeder says of itself between the packets. */
export class FeederLog {
  /** Why it did not join, as it last said. */
  joinFailure: string | undefined;
  #deviceId: string | undefined;
  #sessionFailure = "it did not ask its server";
  #answered = (_claim: Claim): void => {};

  hear(line: string): void {
    this.joinFailure = /improv: not joined: (\w+)/.exec(line)?.[1] ?? this.joinFailure;
    this.#deviceId = /\bfeeder: (\S+) \S+ boot \d+/.exec(line)?.[1] ?? this.#deviceId;
    this.#sessionFailure = /\bwarn session: (.+)/.exec(line)?.[1] ?? this.#sessionFailure;
    if (this.#deviceId === undefined) return;
    const claimCode = claimCodeIn(line);
    const isIn = line.includes("session: online");
    if (isIn || claimCode !== undefined) {
      this.#answered({ deviceId: this.#deviceId, claimCode: claimCode ?? null });
    }
  }

  /** Behind its next start: what it says before is of the old server. */
  async claim(
    { ended }: SerialLine,
    serverUrl: string,
    timeoutMs: number,
  ): Promise<Outcome<Claim>> {
    this.#deviceId = undefined;
    const { promise, resolve } = Promise.withResolvers<Outcome<Claim>>();
    this.#answered = (claim) => resolve(done(claim));
    void ended.then((why) => resolve(lineEnded(why)));
    const overdue = setTimeout(() => {
      const message = `it joined, but ${this.#sessionFailure}`;
      const hint = `see that feeders reach ${serverUrl}; this one goes on trying`;
      resolve(failed("server_not_reached", message, hint, EXIT.timedOut));
    }, timeoutMs);
    const claim = await promise;
    clearTimeout(overdue);
    return claim;
  }
}
