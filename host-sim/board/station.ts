import type { AccessPoint } from "../network/home-wifi.ts";
import type { FeederPhase } from "./currents.ts";
import type { EnergyMeter } from "./energy-meter.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";

/** Association and DHCP of an ESP32 on a home network. */
const JOIN_MS = 1_800;
/** Of these the lease. */
const LEASE_MS = 600;
/** Four-way handshakes that nobody answers (WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT). */
const HANDSHAKE_TIMEOUT_MS = 4_000;
/** Thirteen channels, 120 ms each, and switching. */
const SCAN_MS = 2_100;
/** WIFI_EVENT_STA_DISCONNECTED of a network that the firmware has left. */
const LEFT_MS = 10;

/** `connection` of ECMA-419's Wi-Fi class. */
const IDLE = 200;
const JOINING = 300;
const ASSOCIATED = 400;
const USABLE = 500;

/** The board's Wi-Fi as a station, as the SDK's interface shows it: why something failed it does not say. */
export class Station {
  readonly #heard: () => readonly AccessPoint[];
  readonly #meter: EnergyMeter<FeederPhase>;
  /** An association was done in the moment it was left: its events come all the same. */
  leavesAfterEvents = false;
  #connection = IDLE;
  #isScanning = false;
  /** What is under way belongs to this attempt or to nothing. */
  #attempt = 0;
  #interface: { readonly power: PowerCycle; readonly target: number } | undefined;

  /** `heard`: what is in reach now. */
  constructor(heard: () => readonly AccessPoint[], meter: EnergyMeter<FeederPhase>) {
    this.#heard = heard;
    this.#meter = meter;
  }

  get isUsable(): boolean {
    return this.#connection === USABLE;
  }

  /** The access point is gone. */
  lose(): void {
    if (this.#connection !== IDLE) this.#change(IDLE);
  }

  calls(power: PowerCycle): BoardCalls {
    power.atEnd(() => {
      this.#attempt++;
      this.#connection = IDLE;
      this.#isScanning = false;
      this.#interface = undefined;
    });
    return {
      "wifi.open": (target) => {
        this.#interface = { power, target: Number(target) };
      },
      "wifi.connection": () => this.#connection,
      "wifi.connect": (ssid, password) => this.#join(power, String(ssid), String(password)),
      "wifi.disconnect": () => this.#leave(power),
      "wifi.scan": (target) => this.#scan(power, Number(target)),
    };
  }

  #join(power: PowerCycle, ssid: string, password: string): void {
    if (this.#connection === JOINING) throw new Error("already connecting");
    if (this.#connection !== IDLE || this.#isScanning) throw new Error("connect failed");
    this.#connection = JOINING;
    this.#meter.enter("joining");
    const attempt = ++this.#attempt;
    const later = (delayMs: number, connection: number): void => {
      power.after(delayMs, () => {
        if (attempt === this.#attempt) this.#change(connection);
      });
    };
    const point = this.#heard().find((heard) => heard.ssid === ssid);
    if (point === undefined) return later(JOIN_MS, IDLE);
    if (point.passphrase !== password) return later(HANDSHAKE_TIMEOUT_MS, IDLE);
    if (point.leasesNothing) return later(JOIN_MS - LEASE_MS, ASSOCIATED);
    power.after(JOIN_MS, () => {
      const isStillThere = this.#heard().some((heard) => heard.ssid === ssid);
      if (attempt === this.#attempt) this.#change(isStillThere ? USABLE : IDLE);
    });
  }

  /** The interface is idle at once; the driver's event comes behind, and would end a join that began meanwhile. */
  #leave(power: PowerCycle): void {
    const wasIdle = this.#connection === IDLE;
    this.#attempt++;
    this.#connection = IDLE;
    this.#meter.enter("alone");
    if (wasIdle) return;
    power.after(LEFT_MS, () => {
      if (this.#connection === IDLE && !this.leavesAfterEvents) return;
      this.#attempt++;
      this.#change(IDLE);
    });
  }

  #scan(power: PowerCycle, target: number): void {
    if (this.#isScanning) throw new Error("already scanning");
    if (this.#connection === JOINING) throw new Error("scan failed");
    this.#isScanning = true;
    power.after(SCAN_MS, () => {
      this.#isScanning = false;
      for (const { ssid, rssiDbm, passphrase } of this.#heard()) {
        power.emit(target, "found", ssid, rssiDbm, passphrase === "" ? "none" : "wpa2_psk");
      }
      power.emit(target, "complete");
    });
  }

  #change(connection: number): void {
    this.#connection = connection;
    const phase = connection === USABLE ? "associated" : "alone";
    this.#meter.enter(connection === ASSOCIATED ? "joining" : phase);
    const { power, target } = this.#interface ?? {};
    power?.after(0, () => power.emit(Number(target), "changed"));
  }
}
