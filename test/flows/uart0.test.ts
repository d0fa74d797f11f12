import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { FeederBoard } from "../../host-sim/board/board.ts";
import { SerialBridge } from "../../host-sim/board/serial-bridge.ts";
import { SECOND_MS } from "../../host-sim/durations.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { noServer, placeBoard, startWorld } from "../host-sim/small-firmware.ts";
import { ROOT } from "../tidy/source-tree.ts";

interface Row {
  readonly build: string;
  readonly console: string;
  readonly improv: string;
  readonly xsbug: string;
}

/** The table of docs/flashing.md. */
function documented(): readonly Row[] {
  const text = readFileSync(join(ROOT, "docs/flashing.md"), "utf8");
  const [, table = ""] = /\| build \| console .*\n\|[-|]+\n((?:\|.*\n)+)/.exec(text) ?? [];
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [build = "", console = "", improv = "", xsbug = ""] = line
        .split("|")
        .slice(1)
        .map((cell) => cell.trim());
      return { build, console, improv, xsbug };
    });
}

/** IMPROV 1, RPC, "get current state", as any Improv client sends it first. */
const GET_STATE = Buffer.from("IMPROV\x01\x03\x02\x02\x00", "latin1");

function withSum(packet: Buffer): Buffer {
  return Buffer.from([...packet, packet.reduce((sum, byte) => (sum + byte) & 0xff, 0), 0x0a]);
}

let firmware: Awaited<ReturnType<typeof bundleFirmware>>;
beforeAll(async () => {
  firmware = await bundleFirmware();
});

/** What comes out of UART0 when somebody asks for Improv's state. */
async function uart0Says(debuggerHasUart0: boolean): Promise<string> {
  const around = startWorld(noServer);
  const { world } = around;
  const options = { deviceId: "desk", debuggerHasUart0, engine: nodeEngine };
  const { board } = placeBoard(around, firmware, options);
  expect(board).toBeInstanceOf(FeederBoard);
  const bridge = new SerialBridge(world, board);
  const heard: Uint8Array[] = [];
  bridge.hear = (bytes) => heard.push(bytes.slice());
  board.powerOn();
  await world.run(3 * SECOND_MS);
  bridge.write(withSum(GET_STATE));
  await world.run(5 * SECOND_MS);
  return Buffer.concat(heard).toString("latin1");
}

test("docs/flashing.md has one line for each build", () => {
  expect(documented().map(({ build }) => build)).toEqual([
    "release, `mcconfig -m -p esp32`",
    "instrumented, `mcconfig -i -m -p esp32`",
    "debug, `mcconfig -d -m -p esp32`",
    "simulated board",
  ]);
});

test("where Improv is said to be, UART0 carries it and the log", async () => {
  const [release, , , simulated] = documented();
  expect([release, simulated]).toMatchObject([
    { improv: "yes", xsbug: "no", console: "text, 115200 baud" },
    { improv: "yes", xsbug: "no", console: "text, 115200 baud" },
  ]);
  const said = await uart0Says(false);
  expect(said).toContain("info feeder: ");
  expect(said).toContain("IMPROV\x01\x01\x01");
});

test("where the SDK has the pins, Improv is left out, with a line, and the feeder goes on", async () => {
  const [, instrumented, debug] = documented();
  expect([instrumented, debug]).toMatchObject([
    { improv: "no" },
    { improv: "no", xsbug: expect.stringContaining("XML") },
  ]);
  const said = await uart0Says(true);
  expect(said).toContain("improv: left out");
  expect(said).toContain("info feeder: ");
  expect(said).not.toContain("IMPROV");
});

test("a release's console is turned on, which the SDK leaves off", () => {
  const path = "device/esp32/native/sdkconfig.defaults";
  const settings = readFileSync(join(ROOT, path), "utf8").split("\n");
  expect(settings).toContain("CONFIG_ESP_CONSOLE_UART_DEFAULT=y");
  expect(settings).toContain("CONFIG_ESP_CONSOLE_NONE=n");
  // 115200 is ESP-IDF's own default, and nobody sets another.
  expect(settings.filter((line) => line.startsWith("CONFIG_ESP_CONSOLE_UART_BAUDRATE"))).toEqual(
    [],
  );
});
