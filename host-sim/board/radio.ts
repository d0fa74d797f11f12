import type { Trust } from "../network/certificate-judge.ts";
import { heardInGarden } from "../network/home-wifi.ts";
import type { Internet } from "../network/internet.ts";
import type { World } from "../world.ts";
import { byteSocketCalls } from "./byte-socket.ts";
import type { FeederPhase } from "./currents.ts";
import type { EnergyMeter } from "./energy-meter.ts";
import { HttpExchange } from "./http-exchange.ts";
import { LegacyStation } from "./legacy-station.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import { SocketExchange } from "./socket-exchange.ts";
import { SoftAp } from "./soft-ap.ts";
import { Station } from "./station.ts";

const DNS_MS = 12;

/** Measured on updates of the first stack: 60 kB/s. */
const DOWNLINK_BYTES_PER_MS = 60;
/** Measured for a still over the first stack's Wi-Fi: 80 kB/s. */
const UPLINK_BYTES_PER_MS = 80;

/** The board's Wi-Fi and what runs over it: names, HTTP exchanges, WebSockets and MQTT. */
export class Radio {
  /** Whose it is. */
  readonly deviceId: string;
  readonly #internet: Internet;
  readonly #meter: EnergyMeter<FeederPhase>;
  /** The session's connection opens, or one that was open is over. */
  watchSession: (isOpen: boolean) => void = () => {};
  /** Off: the access point is out of reach. */
  inReach = true;
  /** The home router's resolver answers that there is no such name. */
  dnsFails = false;
  readonly uplinkBytesPerMs = UPLINK_BYTES_PER_MS;
  downlinkBytesPerMs = DOWNLINK_BYTES_PER_MS;
  /** Of an HTTP connection; WebSockets break by `Internet.breakSockets`. */
  connectionLifetimeMs = Number.POSITIVE_INFINITY;
  readonly softAp: SoftAp;
  readonly station: Station;
  readonly #legacy: LegacyStation;

  constructor(world: World, internet: Internet, deviceId: string, meter: EnergyMeter<FeederPhase>) {
    this.deviceId = deviceId;
    this.#internet = internet;
    this.#meter = meter;
    const heard = () => heardInGarden(internet.homeWifi, this.inReach);
    this.station = new Station(heard, meter);
    this.softAp = new SoftAp(world, deviceId);
    this.#legacy = new LegacyStation(heard, this.softAp, meter);
  }

  /** The access point comes or goes. */
  setInReach(inReach: boolean): void {
    this.inReach = inReach;
    if (inReach) return;
    this.station.lose();
    this.#legacy.lose();
  }

  /** Packets need the access point, whatever the interface has noticed of it. */
  reaches(): boolean {
    return this.inReach && this.#isUsable();
  }

  /** Bytes that are on the way keep it from its modem sleep. */
  carries(phase: "sending" | "receiving", bytes: number): void {
    const bytesPerMs = phase === "sending" ? this.uplinkBytesPerMs : this.downlinkBytesPerMs;
    this.#meter.burst(phase, bytes / bytesPerMs);
  }

  calls(power: PowerCycle): BoardCalls {
    const authorities: Uint8Array[] = [];
    const trust = () => ({ authorities, clockMs: power.wallClockMs() });
    return {
      "tls.trust": (certificate) =>
        void authorities.push(Uint8Array.from(certificate as Uint8Array)),
      ...this.#wifiCalls(power),
      ...this.softAp.calls(power),
      ...this.#dnsCalls(power),
      ...this.#httpCalls(power, trust),
      ...this.#socketCalls(power, trust),
      ...byteSocketCalls(power, this, this.#internet, trust),
    };
  }

  /** The SDK has two modules for Wi-Fi, and each sets the driver up as if it were alone. */
  #wifiCalls(power: PowerCycle): BoardCalls {
    let module: string | undefined;
    const claim = (claimed: string): void => {
      module ??= claimed;
      if (module !== claimed) throw new Error("both of the SDK's Wi-Fi modules in one boot");
    };
    const station = this.station.calls(power);
    return {
      ...station,
      "wifi.open": (target) => {
        claim("wifi");
        return station["wifi.open"]?.(target);
      },
      ...this.#legacy.calls(power, () => claim("legacy")),
      "net.get": (property, network) =>
        property === "IP" && network === "ap" ? this.softAp.address : undefined,
    };
  }

  #isUsable(): boolean {
    return this.station.isUsable || this.#legacy.isUsable;
  }

  #dnsCalls(power: PowerCycle): BoardCalls {
    return {
      "dns.resolve": (target, host) => {
        const event = this.#isUsable() && !this.dnsFails ? "resolved" : "error";
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
}
