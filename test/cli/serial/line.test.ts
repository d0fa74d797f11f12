import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { createServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { openLine } from "../../../cli/serial/open-line.ts";
import type { SerialLine } from "../../../cli/serial/serial-line.ts";
import { serveComPort } from "../../../cli/sim/board/com-port-server.ts";
import { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import { Internet } from "../../../host-sim/network/internet.ts";
import { World } from "../../../host-sim/world.ts";
import { imageOf, noServer, PARTITIONS, placeBoard } from "../../host-sim/small-firmware.ts";

const ECHO = `
  trace("info main: up\\n");
  new Serial({
    port: 0, baud: 115200, receive: 3, transmit: 1, format: "buffer",
    onReadable() { this.write(this.read()); },
  });
`;

const undo: (() => void)[] = [];
afterEach(() => {
  for (const run of undo.splice(0)) run();
});

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  undo.push(() => server.close());
  await once(server, "listening");
  return `rfc2217://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A board in real time behind a port of this computer. */
async function startBoard({ isOn = true } = {}) {
  const world = new World({ seed: 1, pace: "real", startedAtMs: 0 });
  const port = { request: async () => noServer(), connect: () => ({ send() {}, close() {} }) };
  const internet = new Internet(world, port);
  const image = await imageOf(ECHO);
  const { board } = placeBoard({ world, internet }, { image, slot: 0, partitionCsv: PARTITIONS });
  const bridge = new SerialBridge(world, board);
  if (isOn) board.powerOn();
  undo.push(() => world.stop());
  world.run(Number.POSITIVE_INFINITY).catch(expect.unreachable);
  // Whoever comes late does not hear the first lines.
  const powerOn = () => world.inject(() => board.powerOn());
  return { bridge, powerOn, path: await listening(serveComPort(bridge)) };
}

async function opened(path: string, baudRate = 115_200) {
  const outcome = await openLine(path, baudRate);
  if (outcome.kind === "failed") throw new Error(outcome.failure.message);
  undo.push(() => outcome.value.close());
  return { line: outcome.value, heard: listen(outcome.value) };
}

/** All that was heard so far, once it has this in it. */
function listen(line: SerialLine) {
  let text = "";
  let heard = Promise.withResolvers<void>();
  line.hear = (bytes) => {
    text += Buffer.from(bytes).toString("latin1");
    heard.resolve();
  };
  return async (wanted: string | RegExp): Promise<string> => {
    while (!(typeof wanted === "string" ? text.includes(wanted) : wanted.test(text))) {
      heard = Promise.withResolvers();
      await heard.promise;
    }
    return text;
  };
}

test("a line over RFC 2217 hears the board, and every byte comes back from it", async () => {
  const { path, powerOn } = await startBoard({ isOn: false });
  const { line, heard } = await opened(path);
  powerOn();
  await heard("info main: up\r\n");
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  for (let at = 0; at < 256; at += 64) {
    expect(await line.write(all.subarray(at, at + 64))).toBe(true);
    await heard(Buffer.from(all.subarray(at, at + 64)).toString("latin1"));
  }
});

test("opening leaves the board running, and RTS resets it", async () => {
  const { path, powerOn } = await startBoard({ isOn: false });
  const first = await opened(path);
  powerOn();
  await first.heard("info main: up\r\n");
  await first.line.close();
  const { line, heard } = await opened(path);
  await line.write(Buffer.from("still here"));
  expect(await heard("still here")).not.toContain("rst:");
  await line.setSignals({ requestToSend: true });
  await line.setSignals({ requestToSend: false });
  expect(await heard(/rst:0x1 .*info main: up/s)).toContain("POWERON_RESET");
});

test("a tool that waits for each answer still gets into the loader", async () => {
  const { path } = await startBoard();
  const { line, heard } = await opened(path);
  await line.setSignals({ requestToSend: true });
  await line.setSignals({ dataTerminalReady: true });
  // Longer than EN takes to rise.
  for (let n = 0; n < 12; n++) await line.setBaudRate(115_200);
  await line.setSignals({ requestToSend: false });
  await heard("waiting for download");
});

test("the rate is the port's: at the wrong one nothing is understood, back at 115200 all is", async () => {
  const { path, powerOn } = await startBoard({ isOn: false });
  const { line, heard } = await opened(path);
  powerOn();
  await heard("info main: up\r\n");
  await line.setBaudRate(9_600);
  await line.write(Buffer.from("lost"));
  await line.setBaudRate(115_200);
  await line.write(Buffer.from("found"));
  expect(await heard("found")).not.toContain("lost");
});

test("who pulls the cable of the other computer ends the line", async () => {
  const sockets: { destroy(): void }[] = [];
  const { bridge } = await startBoard();
  const server = serveComPort(bridge).on("connection", (socket) => sockets.push(socket));
  const { line } = await opened(await listening(server));
  for (const socket of sockets) socket.destroy();
  expect(await line.ended).toBe("unplugged");
  expect(await line.write(Uint8Array.of(1))).toBe(false);
  expect(await line.setSignals({ requestToSend: true })).toBe(false);
  expect(await line.setBaudRate(9_600)).toBe(false);
});

test("closing ends it too, and the next program may have it", async () => {
  const { path } = await startBoard();
  const { line } = await opened(path);
  await line.close();
  expect(await line.ended).toBe("closed");
  expect(await line.write(Uint8Array.of(1))).toBe(false);
  await opened(path);
});

test.each([
  ["rfc2217://localhost", "bad_port_address", 2],
  ["rfc2217://127.0.0.1:1", "port_not_found", 4],
  ["/dev/no-such-port", "port_not_found", 4],
  ["/dev/null", "port_unusable", 1],
])("%s cannot be opened: %s", async (path, code, exitCode) => {
  expect(await openLine(path, 115_200)).toMatchObject({ failure: { code, exitCode } });
});

test("what refuses the option is no port", async () => {
  const server = createServer((socket) => {
    socket.write(Uint8Array.of(255, 254, 44));
    socket.on("error", () => {});
  });
  const path = await listening(server);
  expect(await openLine(path, 115_200)).toMatchObject({ failure: { code: "port_unusable" } });
});

test("what takes the connection and closes it is no port", async () => {
  const path = await listening(createServer((socket) => socket.end()));
  expect(await openLine(path, 115_200)).toMatchObject({ failure: { code: "port_unusable" } });
});

test("what takes the connection and stays silent is in use by another program", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  undo.push(() => vi.useRealTimers());
  const asked = Promise.withResolvers<void>();
  const path = await listening(createServer((socket) => socket.on("data", () => asked.resolve())));
  const opening = openLine(path, 115_200);
  await asked.promise;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await opening).toMatchObject({ failure: { code: "port_busy", exitCode: 1 } });
});
