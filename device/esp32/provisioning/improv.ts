import { ImprovReader } from "../../../protocol/improv-packet.ts";
import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import { PROVISIONED_RESTART_MS } from "../limits.ts";
import { NVS_KEYS } from "../nvs-keys.ts";
import type { ConsoleWire, Ports, TimerHandle } from "../ports.ts";
import { changeNetwork } from "./credentials.ts";
import {
  type ImprovFacts,
  type ImprovInput,
  type ImprovState,
  stepImprov,
} from "./improv-session.ts";
import { forgetServer, keepServer, readServer } from "./kept-server.ts";

type ImprovPorts = Pick<Ports, "time" | "wifiSetup" | "store" | "log" | "appSlots">;

/** As it was when the board started. */
interface ImprovSettings {
  readonly deviceId: string;
  readonly firmwareVersion: string;
  readonly serverUrl: string;
  readonly wifi: WifiCredentials | undefined;
}

/** What is stored by now holds from the next start on. */
interface Boots {
  restart(): void;
}

/** Improv on UART0: somebody at the other end of the cable gives the feeder its network, name and server. */
export class Improv {
  readonly #ports: ImprovPorts;
  readonly #wire: ConsoleWire;
  readonly #settings: ImprovSettings;
  readonly #boots: Boots;
  #state: ImprovState = "idle";
  #hasNetwork: boolean;
  #restartTimer: TimerHandle | undefined;

  constructor(ports: ImprovPorts, wire: ConsoleWire, settings: ImprovSettings, boots: Boots) {
    this.#ports = ports;
    this.#wire = wire;
    this.#settings = settings;
    this.#boots = boots;
    this.#hasNetwork = settings.wifi !== undefined;
    const { time } = ports;
    const reader = new ImprovReader((type, data) => this.take({ kind: "packet", type, data }));
    wire.start((bytes) => reader.receive(bytes, time.monotonicMs()));
  }

  private take(input: ImprovInput): void {
    const { state, effects } = stepImprov(this.#state, input, this.facts());
    this.#state = state;
    for (const effect of effects) {
      switch (effect.kind) {
        case "send":
          this.#wire.send(effect.packet);
          break;
        case "scan":
          this.#ports.wifiSetup.scan((networks) => this.take({ kind: "scanned", networks }));
          break;
        case "join":
          changeNetwork(this.#ports, effect.credentials, (result) => {
            this.#hasNetwork ||= result.kind === "joined";
            this.say(result.kind === "joined" ? "joined" : `not joined: ${result.reason}`);
            this.take({ kind: "tried", result });
          });
          break;
        case "name":
          this.#ports.store.write(NVS_KEYS.name, effect.name);
          break;
        case "server":
          this.moveServer(effect.serverUrl);
          break;
        case "stay":
          this.say("no other server while an update is on trial; try again in five minutes");
          break;
        case "provisioned":
          this.restartSoon();
          break;
      }
    }
  }

  private facts(): ImprovFacts {
    const { deviceId, firmwareVersion: version } = this.#settings;
    const { store } = this.#ports;
    return {
      ...{ deviceId, version, name: store.read(NVS_KEYS.name) ?? "", serverUrl: this.serverUrl() },
      ...{ hasNetwork: this.#hasNetwork, isOnTrial: this.isOnTrial() },
    };
  }

  private isOnTrial(): boolean {
    return this.#ports.appSlots.runningState() === "pending";
  }

  private serverUrl(): string {
    return readServer(this.#ports.store) ?? this.#settings.serverUrl;
  }

  private moveServer(serverUrl: string): void {
    if (serverUrl === this.serverUrl()) return;
    keepServer(this.#ports.store, serverUrl);
    this.say(`server ${serverUrl}`);
    // Without a network there is nobody to be asked yet, and the conversation goes on.
    if (this.#hasNetwork) this.restartSoon();
  }

  /** When the last packet has left, and nobody waits for a network. */
  private restartSoon(): void {
    this.#restartTimer?.cancel();
    this.#restartTimer = this.#ports.time.after(PROVISIONED_RESTART_MS, () => {
      if (this.#state !== "idle") return this.restartSoon();
      // A restart is a verdict on an image that is on trial; it stays joined, and the next start reads the rest.
      if (!this.isOnTrial()) this.restart();
    });
  }

  /** Until here the feeder was its old server's, which may have let it in or set it just now. */
  private restart(): void {
    if (this.serverUrl() !== this.#settings.serverUrl) forgetServer(this.#ports.store);
    this.#boots.restart();
  }

  private say(text: string): void {
    this.#ports.log.write("info", "improv", text);
  }
}
