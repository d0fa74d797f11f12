/** A browser on a phone in a simulated board's own network: each of its connections is one of the phone's. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { ServedStream } from "../../host-sim/board/served-stream.ts";
import type { Phone } from "../../host-sim/peers/phone.ts";
import type { World } from "../../host-sim/world.ts";

/** The world runs four times as fast as the browser sees it: nobody waits for a handshake that fails. */
const TURN_MS = 10;
const WORLD_MS_A_TURN = 40;

export class PhoneProxy implements AsyncDisposable {
  readonly #world: World;
  readonly #phone: Phone;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #turn: NodeJS.Timeout | undefined;
  #isOver = false;
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

  #runOn(): void {
    this.#turn = setTimeout(async () => {
      try {
        await this.#world.run(this.#world.nowMs + WORLD_MS_A_TURN);
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
