import type { AccessPoint } from "../network/home-wifi.ts";
import type { FeederPhase } from "./currents.ts";
import type { EnergyMeter } from "./energy-meter.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import type { SoftAp } from "./soft-ap.ts";

const ASSOCIATE_MS = 1_200;
const LEASE_MS = 600;
/** One four-way handshake that nobody answers; MODDEF_WIFI_ESP32_CONNECT_RETRIES of manifest.json has it tried again. */
const HANDSHAKE_TIMEOUT_MS = 4_000;
const TRIES = 2;
/** Thirteen channels, 120 ms each, and switching. */
const SCAN_MS = 2_100;
/** WIFI_EVENT_STA_DISCONNECTED of a network that the firmware has left. */
const LEFT_MS = 10;

/** WiFi.Mode of the SDK; the sum is both. */
const OFF = -5;
const STATION = 1;
const ACCESS_POINT = 2;
const WRONG_PASSWORD = -1;
const NO_REASON = 0;

type State = "idle" | "joining" | "associated" | "usable";

/** The board's Wi-Fi as the SDK's older module shows it, station and network of its own at once. */
export class LegacyStation {
  readonly #heard: () => readonly AccessPoint[];
  readonly #softAp: SoftAp;
  readonly #meter: EnergyMeter<FeederPhase>;
  #mode = OFF;
  #state: State = "idle";
  #isScanning = false;
  /** What is under way belongs to this attempt or to nothing. */
  #attempt = 0;
  #watcher = 0;
  #power: PowerCycle | undefined;

  /** `heard`: what is in reach now. */
  constructor(
    heard: () => readonly AccessPoint[],
    softAp: SoftAp,
    meter: EnergyMeter<FeederPhase>,
  ) {
    this.#heard = heard;
    this.#softAp = softAp;
    this.#meter = meter;
  }

  get isUsable(): boolean {
    return this.#state === "usable";
  }

  /** The access point is gone. */
  lose(): void {
    const power = this.#power;
    if (this.#state === "idle" || power === undefined) return;
    this.#attempt++;
    this.#state = "idle";
    power.after(0, () => power.emit(this.#watcher, "disconnect", NO_REASON));
  }

  calls(power: PowerCycle, claim: () => void): BoardCalls {
    this.#power = power;
    power.atEnd(() => {
      this.#attempt++;
      this.#mode = OFF;
      this.#state = "idle";
      this.#isScanning = false;
      this.#watcher = 0;
    });
    return {
      "legacy_wifi.watch": (target) => {
        this.#watcher = Number(target);
      },
      "legacy_wifi.mode": () => this.#mode,
      "legacy_wifi.set_mode": (mode) => {
        claim();
        this.#setMode(Number(mode));
      },
      "legacy_wifi.scan": (target) => this.#scan(power, Number(target)),
      "legacy_wifi.connect": (ssid, password) =>
        this.#join(power, { ssid: String(ssid), passphrase: String(password) }),
      "legacy_wifi.disconnect": () => this.#leave(power),
      "legacy_wifi.access_point": (ssid, password, station) => {
        claim();
        if (String(password).length < 8) throw new Error("password too short - 8 bytes min");
        // The SDK adds no station to a mode that it has chosen itself.
        const isBoth = station === true && this.#mode === STATION;
        this.#setMode(isBoth ? STATION + ACCESS_POINT : ACCESS_POINT);
        this.#softAp.open(power, String(ssid), String(password));
      },
    };
  }

  #setMode(mode: number): void {
    this.#mode = mode;
    if (mode === OFF) {
      this.#attempt++;
      this.#state = "idle";
      this.#softAp.close();
    }
    // A station alone sleeps between beacons; who has a network of its own listens all the time.
    this.#meter.enter(mode >= ACCESS_POINT ? "receiving" : "alone");
  }

  #scan(power: PowerCycle, target: number): void {
    if (this.#isScanning) throw new Error("already scanning");
    if (this.#state === "joining" || this.#mode < STATION) throw new Error("scan request failed");
    this.#isScanning = true;
    power.after(SCAN_MS, () => {
      this.#isScanning = false;
      for (const { ssid, rssiDbm, passphrase } of this.#heard()) {
        power.emit(target, "found", ssid, rssiDbm, passphrase === "" ? "none" : "wpa2_psk");
      }
      power.emit(target, "complete");
    });
  }

  #join(power: PowerCycle, wanted: { readonly ssid: string; readonly passphrase: string }): void {
    if (this.#state === "joining" || this.#isScanning || this.#mode === ACCESS_POINT) {
      throw new Error("esp_wifi_connect failed");
    }
    this.#state = "joining";
    const attempt = ++this.#attempt;
    const later = (delayMs: number, run: () => void): void => {
      power.after(delayMs, () => {
        if (attempt === this.#attempt) run();
      });
    };
    const fail = (delayMs: number, reason: number): void =>
      later(delayMs, () => this.#disconnected(power, reason));
    const point = this.#heard().find(({ ssid }) => ssid === wanted.ssid);
    if (point === undefined) return fail(SCAN_MS * TRIES, NO_REASON);
    if (point.passphrase !== wanted.passphrase) {
      return fail(HANDSHAKE_TIMEOUT_MS * TRIES, WRONG_PASSWORD);
    }
    later(ASSOCIATE_MS, () => {
      this.#state = "associated";
      this.#softAp.changeChannel();
      power.emit(this.#watcher, "connect");
      if (point.leasesNothing) return;
      later(LEASE_MS, () => {
        this.#state = "usable";
        power.emit(this.#watcher, "gotIP");
      });
    });
  }

  #leave(power: PowerCycle): void {
    const wasIdle = this.#state === "idle";
    this.#attempt++;
    this.#state = "idle";
    if (wasIdle) return;
    power.after(LEFT_MS, () => {
      if (this.#state !== "usable") this.#disconnected(power, NO_REASON);
    });
  }

  #disconnected(power: PowerCycle, reason: number): void {
    this.#attempt++;
    this.#state = "idle";
    power.emit(this.#watcher, "disconnect", reason);
  }
}
