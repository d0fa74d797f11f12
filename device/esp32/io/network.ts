import WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import type { JoinResult, Log, NearbyNetwork, Network, WifiSetup } from "../ports.ts";
import type { Enter } from "./entry.ts";
import { connectStation, JoinTrial, LEAVE_MS, USABLE } from "./join-trial.ts";
import { addNearby } from "./nearby-networks.ts";
import { scanStations } from "./station-scan.ts";

/** An access point restarts in about a minute; a try costs two seconds of scanning at some 100 mA. */
const REJOIN_DELAY_MS = 10_000;

/** Association and DHCP together; a lease that does not come in this time never came. */
const JOIN_TIMEOUT_MS = 30_000;

/** Idle, and neither joining nor joined. */
const IDLE = 200;

/** The interface as a station: keeps in its network, looks for others, and tries one. */
export class WifiNetwork implements Network, WifiSetup {
  #credentials: WifiCredentials | undefined;
  readonly #log: Log;
  readonly #enter: Enter;
  readonly #wifi: WiFi;
  #changed: (online: boolean) => void = () => {};
  #online = false;
  #next: Timer | undefined;
  #trial: JoinTrial | undefined;

  constructor(credentials: WifiCredentials | undefined, log: Log, enter: Enter) {
    this.#credentials = credentials;
    this.#log = log;
    this.#enter = enter;
    this.#wifi = new WiFi({ onChanged: () => this.connectionChanged() });
  }

  start(changed: (online: boolean) => void): void {
    this.#changed = changed;
    if (!this.#credentials) this.#log.write("warn", "network", "no Wi-Fi configured");
    this.schedule(0, () => this.joinKept());
  }

  scan(done: (networks: readonly NearbyNetwork[]) => void): void {
    const networks: NearbyNetwork[] = [];
    const look = (): void =>
      scanStations(
        this.#wifi,
        (network) => addNearby(networks, network),
        () => {
          if (!this.#online && this.#trial === undefined) this.schedule(0, () => this.joinKept());
          this.#enter(() => done(networks));
        },
      );
    if (this.#online) return look();
    // Who joins cannot listen.
    Timer.clear(this.#next);
    this.#wifi.disconnect();
    // Not by #schedule: an event of the join that was on its way would take it for its own, and clear it.
    Timer.set(look, LEAVE_MS);
  }

  join(credentials: WifiCredentials, timeoutMs: number, done: (result: JoinResult) => void): void {
    Timer.clear(this.#next);
    this.#trial = new JoinTrial(this.#wifi, credentials, timeoutMs, (result) => {
      this.#trial = undefined;
      if (result.kind === "joined") this.#credentials = credentials;
      else this.schedule(LEAVE_MS, () => this.joinKept());
      this.#enter(() => done(result));
      if (result.kind === "joined") this.setOnline(true);
    });
    this.setOnline(false);
  }

  private joinKept(): void {
    if (!this.#credentials) return;
    this.schedule(JOIN_TIMEOUT_MS, () => this.giveUp());
    if (connectStation(this.#wifi, this.#credentials)) return;
    this.#log.write("warn", "network", "join failed");
    this.rejoinLater();
  }

  /** disconnect() reports no change of its own. */
  private giveUp(): void {
    this.#log.write("warn", "network", "join timed out");
    this.#wifi.disconnect();
    this.rejoinLater();
  }

  private connectionChanged(): void {
    const { connection } = this.#wifi;
    if (this.#trial !== undefined) return this.#trial.connectionChanged(connection);
    const online = connection >= USABLE;
    if (online) Timer.clear(this.#next);
    else if (connection <= IDLE) this.rejoinLater();
    else if (this.#online) this.schedule(JOIN_TIMEOUT_MS, () => this.giveUp());
    this.setOnline(online);
  }

  private setOnline(online: boolean): void {
    if (online === this.#online) return;
    this.#online = online;
    this.#enter(() => this.#changed(online));
  }

  private rejoinLater(): void {
    this.schedule(REJOIN_DELAY_MS, () => this.joinKept());
  }

  private schedule(delayMs: number, next: () => void): void {
    Timer.clear(this.#next);
    this.#next = Timer.set(next, delayMs);
  }
}
