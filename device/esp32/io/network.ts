import WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import type { Log, Network } from "../ports.ts";
import type { Enter } from "./entry.ts";

/** An access point restarts in about a minute; a try costs two seconds of scanning at some 100 mA. */
const REJOIN_DELAY_MS = 10_000;

/** Association and DHCP together; a lease that does not come in this time never came. */
const JOIN_TIMEOUT_MS = 30_000;

/** From here on the interface has an address: below it nothing can be sent. */
const USABLE = 500;

/** Idle, and neither joining nor joined. */
const IDLE = 200;

export class WifiNetwork implements Network {
  readonly #credentials: WifiCredentials | undefined;
  readonly #log: Log;
  readonly #enter: Enter;
  #changed: (online: boolean) => void = () => {};
  #wifi: WiFi | undefined;
  #online = false;
  #next: Timer | undefined;

  constructor(credentials: WifiCredentials | undefined, log: Log, enter: Enter) {
    this.#credentials = credentials;
    this.#log = log;
    this.#enter = enter;
  }

  start(changed: (online: boolean) => void): void {
    this.#changed = changed;
    if (!this.#credentials) {
      this.#log.write("warn", "network", "no Wi-Fi configured");
      return;
    }
    this.#wifi = new WiFi({ onChanged: () => this.#connectionChanged() });
    this.#schedule(0, () => this.#join());
  }

  #join(): void {
    if (!this.#wifi || !this.#credentials) return;
    const { ssid, password } = this.#credentials;
    this.#schedule(JOIN_TIMEOUT_MS, () => this.#giveUp());
    try {
      this.#wifi.connect(password === "" ? { SSID: ssid } : { SSID: ssid, password });
    } catch (error) {
      this.#log.write("warn", "network", `join failed: ${String(error)}`);
      this.#rejoinLater();
    }
  }

  /** disconnect() reports no change of its own. */
  #giveUp(): void {
    this.#log.write("warn", "network", "join timed out");
    this.#wifi?.disconnect();
    this.#rejoinLater();
  }

  #connectionChanged(): void {
    const connection = this.#wifi?.connection ?? IDLE;
    const online = connection >= USABLE;
    if (online) Timer.clear(this.#next);
    else if (connection <= IDLE) this.#rejoinLater();
    else if (this.#online) this.#schedule(JOIN_TIMEOUT_MS, () => this.#giveUp());
    if (online === this.#online) return;
    this.#online = online;
    this.#enter(() => this.#changed(online));
  }

  #rejoinLater(): void {
    this.#schedule(REJOIN_DELAY_MS, () => this.#join());
  }

  #schedule(delayMs: number, next: () => void): void {
    Timer.clear(this.#next);
    this.#next = Timer.set(next, delayMs);
  }
}
