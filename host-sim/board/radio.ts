import type { Trust } from "../network/certificate-judge.ts";
import type { Internet } from "../network/internet.ts";
import type { FeederPhase } from "./currents.ts";
import type { EnergyMeter } from "./energy-meter.ts";
import { HttpExchange } from "./http-exchange.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import { SocketExchange } from "./socket-exchange.ts";

/** Association and DHCP of an ESP32 on a home network. */
const JOIN_MS = 1_800;
const DNS_MS = 12;
/** `connection` of ECMA-419's Wi-Fi class. */
const IDLE = 200;
const JOINING = 300;
const USABLE = 500;

/** Measured on updates of the first stack: 60 kB/s. */
const DOWNLINK_BYTES_PER_MS = 60;
/** Measured for a still over the first stack's Wi-Fi: 80 kB/s. */
const UPLINK_BYTES_PER_MS = 80;

/** The board's Wi-Fi and what runs over it: names, HTTP exchanges and WebSockets. */
export class Radio {
  /** Whose it is. */
  readonly deviceId: string;
  readonly #internet: Internet;
  readonly #meter: EnergyMeter<FeederPhase>;
  /** A WebSocket of the firmware opens, or one that was open is over. */
  watchSession: (isOpen: boolean) => void = () => {};
  /** Off: the access point is out of reach. */
  inReach = true;
  /** The home router's resolver answers that there is no such name. */
  dnsFails = false;
  readonly uplinkBytesPerMs = UPLINK_BYTES_PER_MS;
  downlinkBytesPerMs = DOWNLINK_BYTES_PER_MS;
  /** Of an HTTP connection; WebSockets break by `Internet.breakSockets`. */
  connectionLifetimeMs = Number.POSITIVE_INFINITY;
  #connection = IDLE;
  #interface: { readonly power: PowerCycle; readonly target: number } | undefined;

  constructor(internet: Internet, deviceId: string, meter: EnergyMeter<FeederPhase>) {
    this.deviceId = deviceId;
    this.#internet = internet;
    this.#meter = meter;
  }

  /** The access point comes or goes. */
  setInReach(inReach: boolean): void {
    this.inReach = inReach;
    if (!inReach && this.#connection !== IDLE) this.#change(IDLE);
  }

  /** Packets need the access point, whatever the interface has noticed of it. */
  reaches(): boolean {
    return this.inReach && this.#online();
  }

  /** Bytes that are on the way keep it from its modem sleep. */
  carries(phase: "sending" | "receiving", bytes: number): void {
    const bytesPerMs = phase === "sending" ? this.uplinkBytesPerMs : this.downlinkBytesPerMs;
    this.#meter.burst(phase, bytes / bytesPerMs);
  }

  calls(power: PowerCycle): BoardCalls {
    power.atEnd(() => {
      this.#connection = IDLE;
      this.#interface = undefined;
    });
    const authorities: Uint8Array[] = [];
    const trust = () => ({ authorities, clockMs: power.wallClockMs() });
    return {
      "tls.trust": (certificate) =>
        void authorities.push(Uint8Array.from(certificate as Uint8Array)),
      ...this.#wifiCalls(power),
      ...this.#httpCalls(power, trust),
      ...this.#socketCalls(power, trust),
    };
  }

  #wifiCalls(power: PowerCycle): BoardCalls {
    return {
      "wifi.open": (target) => {
        this.#interface = { power, target: Number(target) };
      },
      "wifi.connection": () => this.#connection,
      "wifi.connect": () => {
        this.#connection = JOINING;
        this.#meter.enter("joining");
        power.after(JOIN_MS, () => this.#change(this.inReach ? USABLE : IDLE));
      },
      "wifi.disconnect": () => {
        this.#connection = IDLE;
        this.#meter.enter("alone");
      },
      "dns.resolve": (target, host) => {
        const event = this.#online() && !this.dnsFails ? "resolved" : "error";
        power.after(DNS_MS, () => power.emit(Number(target), event, String(host)));
      },
    };
  }

  #httpCalls(power: PowerCycle, trust: () => Trust): BoardCalls {
    const exchanges = new Map<unknown, HttpExchange>();
    power.atEnd(() => {
      for (const exchange of exchanges.values()) exchange.close();
    });
    return {
      "http.request": (target, host, port, method, path, headers, scheme) => {
        const exchange = new HttpExchange(power, this.#internet, this, Number(target), {
          url: `${String(scheme)}://${String(host)}:${Number(port)}${String(path)}`,
          method: String(method),
          headers: new Map(JSON.parse(String(headers)) as [string, string][]),
          trust: trust(),
        });
        exchanges.set(target, exchange);
      },
      "http.write": (target, bytes) => exchanges.get(target)?.write(bytes as Uint8Array) ?? 0,
      "http.close": (target) => {
        exchanges.get(target)?.close();
        exchanges.delete(target);
      },
    };
  }

  #socketCalls(power: PowerCycle, trust: () => Trust): BoardCalls {
    const sockets = new Map<unknown, SocketExchange>();
    return {
      "ws.open": (target, host, port, _hostHeader, path, scheme) => {
        const url = `${String(scheme)}://${String(host)}:${Number(port)}${String(path)}`;
        const socket = new SocketExchange(power, this.#internet, this, Number(target), {
          url,
          trust: trust(),
        });
        sockets.set(target, socket);
      },
      "ws.write": (target, bytes, opcode) =>
        sockets.get(target)?.write(bytes as Uint8Array, Number(opcode)) ?? 0,
      "ws.close": (target) => {
        sockets.get(target)?.close();
        sockets.delete(target);
      },
    };
  }

  #online(): boolean {
    return this.#connection === USABLE;
  }

  #change(connection: number): void {
    this.#connection = connection;
    this.#meter.enter(this.#online() ? "associated" : "alone");
    const { power, target } = this.#interface ?? {};
    power?.after(0, () => power.emit(Number(target), "changed"));
  }
}
