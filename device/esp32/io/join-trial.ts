import type WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import type { JoinFailure, JoinResult } from "../ports.ts";
import { scanStations } from "./station-scan.ts";

/** The driver tells of a network that was left some milliseconds later, and would take it for the end of the next. */
export const LEAVE_MS = 500;

const IDLE = 200;
const ASSOCIATED = 400;
/** From here on the interface has an address: below it nothing can be sent. */
export const USABLE = 500;

/** A first handshake also fails on a noisy channel. */
const TRIES = 2;

/**
 * One network, tried once. The SDK does not say why the interface went back to idle, so what can be heard says it: a
 * network that is there and lets nobody in has another passphrase.
 */
export class JoinTrial {
  readonly credentials: WifiCredentials;
  readonly #wifi: WiFi;
  readonly #done: (result: JoinResult) => void;
  readonly #deadline: Timer;
  #next: Timer | undefined;
  #tries = 0;
  #wasAssociated = false;
  #isOver = false;

  constructor(
    wifi: WiFi,
    credentials: WifiCredentials,
    timeoutMs: number,
    done: (result: JoinResult) => void,
  ) {
    this.#wifi = wifi;
    this.credentials = credentials;
    this.#done = done;
    this.#deadline = Timer.set(() => this.fail("timeout"), timeoutMs);
    wifi.disconnect();
    this.#next = Timer.set(() => this.connect(), LEAVE_MS);
  }

  connectionChanged(connection: number): void {
    if (connection >= USABLE) this.end({ kind: "joined" });
    else if (connection >= ASSOCIATED) this.#wasAssociated = true;
    else if (connection <= IDLE && this.#tries > 0) this.refused();
  }

  private connect(): void {
    this.#tries++;
    if (!connectStation(this.#wifi, this.credentials)) this.refused();
  }

  private refused(): void {
    if (this.#tries >= TRIES) return this.fail("wrong_password");
    let isHeard = false;
    const { ssid } = this.credentials;
    scanStations(
      this.#wifi,
      (network) => {
        isHeard ||= network.ssid === ssid;
      },
      () => {
        if (this.#isOver) return;
        if (isHeard) this.connect();
        else this.fail("network_not_found");
      },
    );
  }

  private fail(reason: JoinFailure): void {
    this.#wifi.disconnect();
    this.end({ kind: "failed", reason: this.#wasAssociated ? "no_address" : reason });
  }

  private end(result: JoinResult): void {
    this.#isOver = true;
    Timer.clear(this.#deadline);
    Timer.clear(this.#next);
    this.#done(result);
  }
}

/** False: the driver takes no orders now. */
export function connectStation(wifi: WiFi, { ssid, password }: WifiCredentials): boolean {
  try {
    wifi.connect(password === "" ? { SSID: ssid } : { SSID: ssid, password });
    return true;
  } catch {
    return false;
  }
}
