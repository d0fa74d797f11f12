/** The camera in real time on a pseudo-terminal, uploading over this computer's network. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { checkedCamera, describeCamera } from "./lock-step-camera.ts";
import { picturesFolder, STILLS, sha256Hex } from "./pictures-folder.ts";
import { decodeWire, encodeWireFrame, TYPE, type WireFrame } from "./wire-frame.ts";

/** Node opens no pseudo-terminals: Python makes one, names it, and passes bytes. */
const TERMINAL = `
import os, pty, select, sys, tty
ours, theirs = pty.openpty()
tty.setraw(theirs)
sys.stderr.write(os.ttyname(theirs) + "\\n")
sys.stderr.flush()
while True:
    for ready in select.select([0, ours], [], [])[0]:
        data = os.read(ready, 65536)
        if not data: sys.exit()
        os.write(1 if ready == ours else ours, data)
`;

const HELLO = {
  protocol: 1,
  firmware: "0.1.0",
  capabilities: [],
  bootId: "12-0a1b2c3d-1",
  maxFrame: 1038,
  window: 8,
  buffer: 8192,
  bauds: [115200],
  answer: true,
};

class TerminalFeeder {
  readonly #terminal: ChildProcess;
  readonly #frames: WireFrame[] = [];
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};
  #sequence = 0;

  constructor() {
    this.#terminal = spawn("python3", ["-c", TERMINAL]);
    this.#terminal.stdout?.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  async path(): Promise<string> {
    if (this.#terminal.stderr === null) throw new Error("no terminal");
    const [line] = await once(this.#terminal.stderr, "data");
    return String(line).trim();
  }

  end(): void {
    this.#terminal.kill();
  }

  hello(): void {
    this.#say({ type: TYPE.hello, payload: Buffer.from(JSON.stringify(HELLO)) });
  }

  order(type: "command" | "read" | "done", message: unknown): void {
    const payload = Buffer.from(JSON.stringify(message));
    this.#say({ type: TYPE[type], sequence: this.#sequence++, payload });
  }

  /** The next frame of that type, acknowledged. */
  async next(type: keyof typeof TYPE): Promise<WireFrame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame?.type === TYPE[type]) {
        const { channel, sequence } = frame;
        if (type !== "hello") this.#say({ type: TYPE.ack, channel, ack: sequence + 1 });
        return frame;
      }
      if (frame !== undefined) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  #say(frame: Parameters<typeof encodeWireFrame>[0]): void {
    this.#terminal.stdin?.write(encodeWireFrame(frame));
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    const end = this.#received.lastIndexOf(0) + 1;
    this.#frames.push(...decodeWire(this.#received.subarray(0, end)));
    this.#received = this.#received.subarray(end);
    this.#wake();
  }
}

describeCamera("the camera on a terminal", () => {
  const feeder = new TerminalFeeder();
  const stored: Buffer[] = [];
  const server = createServer(async (request, response) => {
    stored.push(Buffer.concat(await request.toArray()));
    response.end();
  });

  afterEach(() => {
    feeder.end();
    server.close();
  });

  test("takes a picture, sends it both ways, and ends when it sleeps", async () => {
    const [, still = Buffer.alloc(0)] = STILLS;
    const folder = picturesFolder({}, [still]);
    const path = await feeder.path();
    const args = ["--tty", path, "--folder", folder, "--wifi", "always"];
    const camera = spawn(checkedCamera(), args, { stdio: ["ignore", "ignore", "inherit"] });
    const exit = once(camera, "exit");
    await feeder.next("hello");
    feeder.hello();
    feeder.order("command", { op: "photo", captureId: "c1" });
    const offer = JSON.parse((await feeder.next("offer")).payload.toString());
    expect(offer).toMatchObject({ id: 1, sha256: sha256Hex(still) });
    feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    let bytes = Buffer.alloc(0);
    while (bytes.length < still.length) {
      bytes = Buffer.concat([bytes, (await feeder.next("data")).payload.subarray(6)]);
    }
    expect(bytes).toEqual(still);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const url = `http://127.0.0.1:${port}/x`;
    feeder.order("command", { op: "upload", id: 1, url, headers: [] });
    const result = JSON.parse((await feeder.next("result")).payload.toString());
    expect(result).toEqual({ op: "upload", id: 1, ok: true, status: 200 });
    expect(stored).toEqual([still]);
    feeder.order("done", { id: 1 });
    feeder.order("command", { op: "sleep" });
    expect((await exit)[0]).toBe(0);
  });
});
