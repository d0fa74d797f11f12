import Timer from "timer";
import WiFi from "wifi";
import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import type { JoinFailure, JoinResult } from "../ports.ts";
import { LEAVE_MS } from "./join-trial.ts";

/** All that the SDK's older module says of why; anything else is 0. */
const PASSWORD_REJECTED = -1;

/** One network, tried once with the SDK's older module, which tries a second time by itself before it says that it was in vain. */
export class LegacyTrial {
  readonly #isHeard: boolean;
  readonly #done: (result: JoinResult) => void;
  readonly #deadline: Timer;
  readonly #start: Timer;
  #isUnderWay = false;
  #wasAssociated = false;

  constructor(
    credentials: WifiCredentials,
    trial: { readonly timeoutMs: number; readonly isHeard: boolean },
    done: (result: JoinResult) => void,
  ) {
    this.#isHeard = trial.isHeard;
    this.#done = done;
    this.#deadline = Timer.set(() => this.fail("timeout"), trial.timeoutMs);
    WiFi.disconnect();
    this.#start = Timer.set(() => {
      this.#isUnderWay = true;
      if (!connect(credentials)) this.fail("timeout");
    }, LEAVE_MS);
  }

  hear(message: string, reason: number | undefined): void {
    if (!this.#isUnderWay) return;
    if (message === "connect") this.#wasAssociated = true;
    if (message === "gotIP") this.end({ kind: "joined" });
    if (message !== "disconnect") return;
    if (reason === PASSWORD_REJECTED) this.fail("wrong_password");
    else this.fail(this.#isHeard ? "timeout" : "network_not_found");
  }

  private fail(reason: JoinFailure): void {
    WiFi.disconnect();
    this.end({ kind: "failed", reason: this.#wasAssociated ? "no_address" : reason });
  }

  private end(result: JoinResult): void {
    this.#isUnderWay = false;
    Timer.clear(this.#deadline);
    Timer.clear(this.#start);
    this.#done(result);
  }
}

/** False: the driver takes no orders now. */
export function connect({ ssid, password }: WifiCredentials): boolean {
  try {
    WiFi.connect(password === "" ? { ssid } : { ssid, password });
    return true;
  } catch {
    return false;
  }
}
