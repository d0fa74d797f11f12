import { describe, expect, test } from "vitest";
import { type FlashStage, flashBoard } from "../../../cli/flash/flash-board.ts";
import { refuseFile } from "../../../cli/flash/flash-plan.ts";
import { randomStream } from "../../../host-sim/random.ts";
import {
  APP_OFFSET,
  appImage,
  file,
  flashBytes,
  inWorldTime,
  mergedImage,
  NVS_OFFSET,
  OTADATA,
  placeOnDesk,
} from "./bench-desk.ts";

const FAST = { baudRate: 921_600, erase: false };
const ESP32S3 = 9;

type Desk = ReturnType<typeof placeOnDesk>;
type Report = (stage: FlashStage) => void;

function flashOn(
  { world, line }: Desk,
  image: Uint8Array,
  options = FAST,
  report: Report = () => {},
) {
  return inWorldTime(world, () => flashBoard(line, file(image), options, report));
}

async function expectRuns({ world, log }: Desk, says: string): Promise<void> {
  log.length = 0;
  await world.run(world.nowMs + 1_000);
  expect(log).toEqual([`${says}\n`]);
}

async function flashedDesk(says = "first"): Promise<Desk> {
  const desk = placeOnDesk();
  const merged = await mergedImage(await appImage(says));
  expect(await flashOn(desk, merged)).toMatchObject({ kind: "done" });
  await expectRuns(desk, says);
  return desk;
}

/** The same desk, and the cable plugged in again. */
function pluggedIn({ board }: Desk): Desk {
  return placeOnDesk(board.flash.fork());
}

test("1.2 MB at 921600 arrive whole, and run", async () => {
  const desk = placeOnDesk();
  const merged = await mergedImage(await appImage("it runs", 1_200_000));
  const stages = new Set<string>();
  const outcome = await flashOn(desk, merged, FAST, ({ kind }) => stages.add(kind));
  expect(outcome).toMatchObject({
    kind: "done",
    value: {
      port: desk.line.path,
      chip: "ESP32-D0WD-V3 (revision 3)",
      mac: expect.stringMatching(/^24:a1:60:/),
      erased: false,
    },
  });
  expect([...stages]).toEqual(["connecting", "found", "writing", "verifying"]);
  expect(flashBytes(desk.board, 0, merged.length).equals(merged)).toBe(true);
  await expectRuns(desk, "it runs");
});

test("an application alone goes where the chip's table has it, and boots whatever ran before", async () => {
  const desk = await flashedDesk();
  const { board } = desk;
  board.flash.program(OTADATA.offsetBytes, Uint8Array.of(2, 0, 0, 0));
  const app = await appImage("second");
  expect(await flashOn(desk, app)).toMatchObject({
    value: {
      keptSettings: true,
      writes: [
        { what: "ota_0", address: APP_OFFSET, bytes: app.length },
        { what: "otadata", address: OTADATA.offsetBytes, bytes: OTADATA.sizeBytes },
      ],
    },
  });
  await expectRuns(desk, "second");
});

describe("the settings of a board", () => {
  const setting = "wifi of the garden";

  async function deskWithSetting() {
    const desk = await flashedDesk();
    desk.board.nvs.set("skyfeeder/ssid", setting);
    return desk;
  }

  test("stay when a merged image has them in the same place", async () => {
    const desk = await deskWithSetting();
    const before = flashBytes(desk.board, NVS_OFFSET, 0x6000);
    const merged = await mergedImage(await appImage("second"));
    expect(await flashOn(desk, merged)).toMatchObject({ value: { keptSettings: true } });
    expect(flashBytes(desk.board, NVS_OFFSET, 0x6000).equals(before)).toBe(true);
    await expectRuns(desk, "second");
    expect(desk.board.nvs.get("skyfeeder/ssid")).toBe(setting);
  });

  test("are gone after --erase, with all else", async () => {
    const desk = await deskWithSetting();
    desk.board.flash.program(0x380000, Uint8Array.of(1, 2, 3));
    const merged = await mergedImage(await appImage("second"));
    const outcome = await flashOn(desk, merged, { ...FAST, erase: true });
    expect(outcome).toMatchObject({ value: { erased: true, keptSettings: false } });
    expect(flashBytes(desk.board, 0x380000, 3)).toEqual(Buffer.from([0xff, 0xff, 0xff]));
    await expectRuns(desk, "second");
    expect(desk.board.nvs.get("skyfeeder/ssid")).toBeUndefined();
  });
});

describe("nothing is written", () => {
  async function expectRefused(desk: Desk, image: Uint8Array, code: string): Promise<void> {
    const { operations } = desk.board.flash;
    expect(await flashOn(desk, image)).toMatchObject({ kind: "failed", failure: { code } });
    expect(desk.board.flash.operations).toBe(operations);
  }

  test("of an image for another chip, and the board runs on", async () => {
    const desk = await flashedDesk();
    const other = await mergedImage(await appImage("second"));
    other[0x1000 + 12] = ESP32S3;
    other[APP_OFFSET + 12] = ESP32S3;
    await expectRefused(desk, other, "chips_differ");
    await expectRuns(desk, "first");
  });

  test("of an application alone, to a chip without a table for it", async () => {
    await expectRefused(placeOnDesk(), await appImage("alone"), "partition_table_missing");
  });

  test("of an image that is larger than the flash", async () => {
    const image = await mergedImage(await appImage("large"));
    const large = Buffer.concat([image, new Uint8Array(5 * 1024 * 1024)]);
    await expectRefused(placeOnDesk(), large, "image_does_not_fit");
  });

  test("where nobody answers", async () => {
    const desk = placeOnDesk();
    desk.bridge.setSignals = () => {};
    await expectRefused(desk, await appImage("nobody"), "board_silent");
  });
});

test.each([
  ["damaged", 0x20000 + 400, "image_corrupt"],
  ["without a bootloader", 0x1000, "bootloader_missing"],
])("an image that is %s is refused before there is a board", async (_how, at, code) => {
  const image = await mergedImage(await appImage("bad"));
  image[at] = (image[at] as number) ^ 0xff;
  expect(refuseFile("x.bin", file(image), false)).toMatchObject({ failure: { code } });
});

test("an application alone is never put on an erased chip", async () => {
  const app = file(await appImage("alone"));
  const refused = { failure: { code: "image_not_merged", exitCode: 2 } };
  expect(refuseFile("x.bin", app, true)).toMatchObject(refused);
  expect(refuseFile("x.bin", app, false)).toBeUndefined();
});

test("blocks that are lost or spoilt on the wire are sent again", async () => {
  const image = await mergedImage(await appImage("second", 100_000));
  const quiet = placeOnDesk();
  await flashOn(quiet, image);
  const desk = placeOnDesk();
  const { faults } = desk.board.console;
  let blocks = 0;
  const outcome = await flashOn(desk, image, FAST, ({ kind }) => {
    if (kind !== "writing") return;
    blocks++;
    // While the second and the fourth block are on the wire.
    if (blocks === 2) faults.dropFrameRate = 1;
    if (blocks === 4) faults.bitErrorRate = 1e-4;
    desk.world.after(100, () => {
      faults.dropFrameRate = 0;
      faults.bitErrorRate = 0;
    });
  });
  expect(outcome).toMatchObject({ kind: "done" });
  expect(desk.line.writtenBytes).toBeGreaterThan(quiet.line.writtenBytes + 2 * 0x4000);
  expect(flashBytes(desk.board, 0, image.length).equals(image)).toBe(true);
});

/** The long tier takes more of them. */
const PULLS = Number(process.env.CABLE_PULLS ?? 20);

test(
  `pulling the cable at ${PULLS} points is said each time, and the next flash succeeds`,
  async () => {
    const random = randomStream(1, "cable");
    const image = await mergedImage(await appImage("second"));
    let wholeMs = 0;
    const whole = placeOnDesk();
    await inWorldTime(whole.world, async () => {
      await flashBoard(whole.line, file(image), FAST, () => {});
      wholeMs = whole.world.nowMs;
    });
    let desk = placeOnDesk();
    for (let pull = 0; pull < PULLS; pull++) {
      const { world, line } = desk;
      world.after(Math.floor(random() * wholeMs), () => line.pull());
      let isTouched = false;
      const outcome = await flashOn(desk, image, FAST, ({ kind }) => {
        isTouched ||= kind === "writing";
      });
      const left = isTouched ? "may not start until it is flashed again" : "is as it was";
      const failure = { code: "port_unplugged", message: expect.stringContaining(left) };
      expect(outcome).toMatchObject({ kind: "failed", failure });
      desk = pluggedIn(desk);
      expect(await flashOn(desk, image)).toMatchObject({ kind: "done" });
      desk = pluggedIn(desk);
      await expectRuns(desk, "second");
    }
  },
  PULLS * 3_000,
);
