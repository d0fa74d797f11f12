import type FFI from "mc/ffi";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK's module of this name, not Node's
import Net from "net";
import Timer from "timer";
import WiFi from "wifi";
import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import type { JoinResult, NearbyNetwork, WifiSetup } from "../ports.ts";
import type { AccessPoint } from "../setup-ports.ts";
import type { Enter } from "./entry.ts";
import { connect, LegacyTrial } from "./legacy-trial.ts";
import { addNearby } from "./nearby-networks.ts";

/** Thirteen channels of 120 ms each take two seconds; a scan that the driver drops tells nobody. */
const SCAN_TIMEOUT_MS = 10_000;
/** As many as can ask at once. */
const PHONES_MAX = 4;
/** Nobody at the cable is cut off from what is under way: a scan or a trial. */
const CLOSE_LATER_MS = 1_000;
const OFF = -5;
const STATION = 1;
/** Some phones show no sign-in page where a name resolves to a private address: this one is public, and nobody's here. */
const ADDRESS = [4, 3, 2, 1] as const;
/** ESP-IDF's own, where it could not be changed. */
const DEFAULT_ADDRESS = [192, 168, 4, 1] as const;

/**
 * The SDK's older Wi-Fi module, which alone opens a network of its own. Both modules set the driver up, and neither knows of
 * the other: a boot has this one or `WifiNetwork`, never both.
 */
export class SetupWifi implements WifiSetup, AccessPoint {
  readonly #native: FFI;
  readonly #enter: Enter;
  readonly #heard: string[] = [];
  #joined: WifiCredentials | undefined;
  #trial: LegacyTrial | undefined;
  /** Waits for the end of a scan: who listens cannot join. */
  #next: (() => void) | undefined;
  /** For the end of the scan that is under way: the page and the cable. */
  readonly #asking: ((networks: readonly NearbyNetwork[]) => void)[] = [];

  constructor(native: FFI, enter: Enter) {
    this.#native = native;
    this.#enter = enter;
    WiFi.mode = STATION;
    new WiFi(undefined, (message: string, reason?: number) => {
      this.#trial?.hear(message, reason);
      // A router restarts; the module tries no more once it was in.
      if (message === "disconnect" && this.#joined !== undefined) connect(this.#joined);
    });
  }

  /** One at a time: who asks meanwhile is told what that one heard. */
  scan(done: (networks: readonly NearbyNetwork[]) => void): void {
    if (this.#asking.push(done) > 1) return;
    const networks: NearbyNetwork[] = [];
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      Timer.clear(timer);
      this.#heard.splice(0, this.#heard.length, ...networks.map(({ ssid }) => ssid));
      for (const tell of this.#asking.splice(0)) this.#enter(() => tell(networks));
      this.#next?.();
      this.#next = undefined;
    };
    const timer = Timer.set(end, this.startScan(networks, end) ? SCAN_TIMEOUT_MS : 0);
  }

  /** One at a time: who comes while another is tried has failed. */
  join(credentials: WifiCredentials, timeoutMs: number, done: (result: JoinResult) => void): void {
    if (this.#trial !== undefined || this.#next !== undefined) {
      Timer.set(() => this.#enter(() => done({ kind: "failed", reason: "timeout" })));
      return;
    }
    const start = (): void => {
      this.#joined = undefined;
      this.turnOn();
      const isHeard = this.#heard.includes(credentials.ssid);
      this.#trial = new LegacyTrial(credentials, { timeoutMs, isHeard }, (result) => {
        this.#trial = undefined;
        if (result.kind === "joined") this.#joined = credentials;
        this.#enter(() => done(result));
      });
    };
    if (this.#asking.length > 0) this.#next = start;
    else start();
  }

  /**
   * In a mode that has the station already, since only then the SDK adds the network's interface before the driver starts it;
   * it has no word for the mode of both.
   */
  open(ssid: string, password: string): void {
    const options = { ssid, password, max: PHONES_MAX, station: true };
    WiFi.accessPoint(options);
    this.#native.access_point_address(...ADDRESS);
  }

  close(): void {
    if (this.#trial !== undefined || this.#asking.length > 0) {
      Timer.set(() => this.close(), CLOSE_LATER_MS);
      return;
    }
    this.#joined = undefined;
    WiFi.mode = OFF;
  }

  address(): readonly number[] {
    const text = Net.get("IP", "ap");
    return typeof text === "string" ? text.split(".").map(Number) : DEFAULT_ADDRESS;
  }

  /** Nobody came, and the network was closed; whoever comes later has the cable. */
  private turnOn(): void {
    if (WiFi.mode === OFF) WiFi.mode = STATION;
  }

  private startScan(networks: NearbyNetwork[], end: () => void): boolean {
    this.turnOn();
    try {
      WiFi.scan({}, (station) => {
        if (station === null) return end();
        const { ssid, rssi, authentication } = station;
        addNearby(networks, { ssid, rssiDbm: rssi, secured: authentication !== "none" });
      });
      return true;
    } catch {
      return false;
    }
  }
}
