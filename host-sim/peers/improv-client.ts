import { encodeImprovPacket, IMPROV_TYPE, ImprovReader } from "../../protocol/improv-packet.ts";
import {
  encodeImprovRpc,
  encodeImprovWifi,
  IMPROV_COMMAND,
  IMPROV_STATE,
  parseImprovResult,
} from "../../protocol/improv-rpc.ts";
import type { FeederBoard } from "../board/board.ts";
import { SerialBridge } from "../board/serial-bridge.ts";
import type { World } from "../world.ts";

const ASK_AGAIN_MS = 1_000;

export interface Provisioning {
  readonly ssid: string;
  readonly password: string;
  readonly serverUrl: string;
  readonly name: string;
}

/** Somebody with a cable and an Improv client: gives a board its name, its server and its network, in this order. */
export class ImprovClient {
  /** What the feeder said, in order. */
  readonly heard: string[] = [];
  readonly #world: World;
  readonly #bridge: SerialBridge;
  readonly #todo: { readonly command: number; readonly payload: Uint8Array }[];
  #isAsking = true;

  constructor(world: World, board: FeederBoard, { serverUrl, name, ...wifi }: Provisioning) {
    const encode = (text: string) => new TextEncoder().encode(text);
    this.#world = world;
    this.#todo = [
      { command: IMPROV_COMMAND.deviceName, payload: encode(name) },
      { command: IMPROV_COMMAND.serverUrl, payload: encode(serverUrl) },
      { command: IMPROV_COMMAND.wifi, payload: encodeImprovWifi(wifi) },
    ];
    this.#bridge = new SerialBridge(world, board);
    const reader = new ImprovReader((type, data) => this.#hear(type, data));
    this.#bridge.hear = (bytes) => reader.receive(bytes, world.nowMs);
    this.#ask();
  }

  /** A board that is booting hears nothing. */
  #ask(): void {
    if (!this.#isAsking) return;
    this.#send(IMPROV_COMMAND.state, new Uint8Array(0));
    this.#world.after(ASK_AGAIN_MS, () => this.#ask());
  }

  #hear(type: number, data: Uint8Array): void {
    const result = type === IMPROV_TYPE.result ? parseImprovResult(data) : undefined;
    const kind = type === IMPROV_TYPE.state ? "state" : "error";
    this.heard.push(result === undefined ? `${kind} ${data[0]}` : result.texts.join(" "));
    const isReady = type === IMPROV_TYPE.state && data[0] === IMPROV_STATE.ready;
    if (this.#isAsking && isReady) {
      this.#isAsking = false;
      return this.#next();
    }
    if (result !== undefined) this.#next();
  }

  #next(): void {
    const next = this.#todo.shift();
    if (next !== undefined) this.#send(next.command, next.payload);
  }

  #send(command: number, payload: Uint8Array): void {
    this.#bridge.write(encodeImprovPacket(IMPROV_TYPE.rpc, encodeImprovRpc(command, payload)));
  }
}
