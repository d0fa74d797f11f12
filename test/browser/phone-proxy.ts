/** A browser on a phone in a simulated board's own network: each of its connections is one of the phone's. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { ServedStream } from "../../host-sim/board/served-stream.ts";
import type { Phone } from "../../host-sim/peers/phone.ts";
import type { World } from "../../host-sim/world.ts";

const TURN_MS = 10;
/** Half as fast as the browser sees it: on a busy machine that is late for a page that is there for seconds. */
const WORLD_MS_A_TURN = 5;
/** Eight times as fast, while the page only waits: nobody waits for a handshake that fails. */
const HURRIED_MS_A_TURN = 80;

export class PhoneProxy implements AsyncDisposable {
  readonly #world: World;
  readonly #phone: Phone;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #turn: NodeJS.Timeout | undefined;
  #isOver = false;
  #worldMsATurn = WORLD_MS_A_TURN;
  failure: unknown;

  constructor(world: World, phone: Phone) {
    this.#world = world;
    this.#phone = phone;
    this.#server = createServer((socket) => this.#carry(socket));
  }

  /** What the browser takes for its proxy. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#runOn();
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Hurries the world on until this comes. */
  async hurry(coming: Promise<void>): Promise<void> {
    this.#worldMsATurn = HURRIED_MS_A_TURN;
    await coming;
    this.#worldMsATurn = WORLD_MS_A_TURN;
  }

  #runOn(): void {
    this.#turn = setTimeout(async () => {
      try {
        await this.#world.run(this.#world.nowMs + this.#worldMsATurn);
      } catch (error) {
        this.failure = error;
        return;
      }
      if (!this.#isOver) this.#runOn();
    }, TURN_MS);
  }

  #carry(socket: Socket): void {
    this.#sockets.add(socket);
    let stream: ServedStream | undefined;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#world.inject(() => stream?.hangUp());
    });
    this.#world.inject(() => {
      stream = this.#phone.connect({
        received: (bytes) => socket.write(bytes),
        closed: () => socket.end(),
      });
      if (stream === undefined) socket.destroy();
    });
    socket.on("data", (bytes: Buffer) => this.#world.inject(() => stream?.send(bytes)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#turn);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
