import { describe, expect, test } from "vitest";
import type { BoardCalls } from "../../../host-sim/board/power.ts";
import type { AdaptersOutcome } from "./adapters-firmware.ts";
import { bundleExperiment, startExperiment } from "./experiment.ts";

const firmware = bundleExperiment("adapters-firmware.ts");

const RUNNING = 0;

/** esp_app_desc_t. */
function description(date: string, time: string): Uint8Array {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32LE(0xabcd5432);
  bytes.write("1.4.0", 16);
  bytes.write("skyfeeder", 48);
  bytes.write(time, 80);
  bytes.write(date, 96);
  bytes.fill(0x4f, 144, 176);
  return bytes;
}

interface Told {
  readonly resetReason?: number;
  readonly states?: readonly [running: number, other: number];
  readonly date?: string;
  readonly time?: string;
  /** What each call that changes a slot answers. */
  readonly failure?: number;
  readonly counts?: number;
}

async function adapters(
  told: Told,
  config: Readonly<Record<string, string>> = {},
  stored: Readonly<Record<string, string>> = {},
) {
  const { resetReason = 1, states = [2, -1], failure = 0, counts = 0 } = told;
  const changes: string[] = [];
  const change = (name: string) => () => {
    changes.push(name);
    return failure;
  };
  const retained = new Uint8Array(64).fill(0xee);
  const calls: BoardCalls = {
    "analog.resolution": () => 12,
    "analog.read": () => counts,
    "board.reset_reason": () => resetReason,
    "board.station_mac": (into) => {
      (into as Uint8Array).set([0x24, 0xa1, 0x60, 0, 0x0b, 1]);
      return 0;
    },
    "rtc_memory.read": (into) => (into as Uint8Array).set(retained),
    "rtc_memory.write": (from) => retained.set(from as Uint8Array),
    "flash.size": () => 0x1b0000,
    "flash.block_length": () => 4_096,
    "app_slot.running": () => 1,
    "app_slot.state": (which) => states[Number(which)],
    "app_slot.description": (which, into) => {
      if (which !== RUNNING) return 0;
      const { date = "Nov  1 2026", time = "11:57:21" } = told;
      (into as Uint8Array).set(description(date, time));
      return 1;
    },
    "app_slot.open_other": change("open"),
    "app_slot.select_other": change("select"),
    "app_slot.confirm": change("confirm"),
    "app_slot.reject": change("reject"),
  };
  const plan = { config, stored };
  const { traced } = startExperiment<AdaptersOutcome>(await firmware, plan, { calls });
  const [end] = traced;
  if (end === undefined) throw new Error("the experiment traced nothing");
  return { ...end.outcome, changes };
}

test.each([
  [0, "unknown"],
  [1, "power_on"],
  [2, "external"],
  [3, "software"],
  [4, "panic"],
  [5, "watchdog"],
  [6, "watchdog"],
  [7, "watchdog"],
  [8, "deep_sleep"],
  [9, "brownout"],
  [15, "unknown"],
])("esp_reset_reason_t %i is %s", async (resetReason, name) => {
  expect((await adapters({ resetReason })).resetReason).toBe(name);
});

test("retained memory takes what it is given and keeps the rest", async () => {
  const { retained } = await adapters({});
  expect(retained).toEqual([2, 3, ...Array<number>(62).fill(0xee)]);
});

describe("slots", () => {
  test.each([
    [0, "new"],
    [1, "pending"],
    [2, "valid"],
    [3, "invalid"],
    [4, "aborted"],
    [-1, "none"],
  ])("esp_ota_img_states_t %i is %s", async (state, name) => {
    const { runningState, otherState } = await adapters({ states: [state, state] });
    expect([runningState, otherState]).toEqual([name, name]);
  });

  test("say what their images say of themselves", async () => {
    const { running, other } = await adapters({});
    expect(running).toEqual({
      ...{ project: "skyfeeder", version: "1.4.0", elfSha256: "4f".repeat(32) },
      builtAtMs: Date.UTC(2026, 10, 1, 11, 57, 21),
    });
    expect(other).toBeNull();
  });

  test.each([
    ["", ""],
    ["Nov  1 2026", ""],
    ["2026-11-01", "11:57:21"],
    ["Foo  1 2026", "11:57:21"],
    ["Anf  1 2026", "11:57:21"],
  ])("built on %j at %j is built nobody knows when", async (date, time) => {
    expect((await adapters({ date, time })).running.builtAtMs).toBeUndefined();
  });

  test("change as ESP-IDF is told to", async () => {
    const { opened, selected, changes, log } = await adapters({ states: [1, -1] });
    expect([opened, selected]).toEqual([true, true]);
    expect(changes).toEqual(["open", "select", "confirm", "reject"]);
    expect(log).toEqual([]);
  });

  test("tell of what ESP-IDF refuses", async () => {
    const { opened, selected, log } = await adapters({ failure: 0x1506 });
    expect([opened, selected]).toEqual([false, false]);
    expect(log).toEqual([
      "warn app-slots: open: esp_err 5382",
      "warn app-slots: select: esp_err 5382",
      "warn app-slots: reject: esp_err 5382",
    ]);
  });

  test("confirm what a bootloader without rollback leaves new", async () => {
    expect((await adapters({ states: [0, 1] })).changes).toContain("confirm");
  });

  test.each([2, 3, 4, -1])(
    "confirm nothing while the running one is %i and not on trial",
    async (state) => {
      const { changes } = await adapters({ states: [state, 1] });
      expect(changes).not.toContain("confirm");
    },
  );
});

describe("the battery", () => {
  test.each([
    [4_095, 4_900],
    [3_009, 3_601],
    [0, 0],
  ])("behind a divider by two, %i of 4095 is %i mV", async (counts, millivolts) => {
    expect((await adapters({ counts }, {}, { batteryPin: "35" })).millivolts).toBe(millivolts);
  });

  test.each(["", "27", "34", "x", "135"])("is not measured on pin %j", async (batteryPin) => {
    expect((await adapters({ counts: 3_009 }, { batteryPin })).millivolts).toBeNull();
  });
});

describe("settings", () => {
  const baked = { product: "skyfeeder", board: "feeder", chip: "esp32", channel: "beta" };

  test("say what the image was built for, whatever NVS says", async () => {
    const { settings } = await adapters({}, baked, { product: "other", board: "x", chip: "y" });
    expect(settings.build).toEqual({ product: "skyfeeder", board: "feeder", chip: "esp32" });
  });

  test.each([
    [baked, {}, "beta"],
    [baked, { channel: "alpha" }, "alpha"],
    [baked, { channel: "nightly" }, "stable"],
    [{}, {}, "stable"],
  ])("channel: %j, %j -> %s", async (config, stored, channel) => {
    expect((await adapters({}, config, stored)).settings.channel).toBe(channel);
  });

  test.each([
    ["22:00-04:30", { fromMinute: 1_320, toMinute: 270 }],
    ["00:00-23:59", { fromMinute: 0, toMinute: 1_439 }],
    ["", undefined],
    ["24:00-04:30", undefined],
    ["22:60-04:30", undefined],
    ["22-4", undefined],
  ])("update window %j", async (updateWindow, parsed) => {
    const { settings } = await adapters({}, { updateWindow });
    expect(settings.updateWindow).toEqual(parsed);
    const { settings: stored } = await adapters(
      {},
      { updateWindow: "01:00-02:00" },
      { updateWindow },
    );
    expect(stored.updateWindow).toEqual(parsed);
  });

  test.each([
    [{}, {}, "24a160000b01"],
    [{ deviceId: "baked-in" }, {}, "baked-in"],
    [{ deviceId: "baked-in" }, { deviceId: "stored" }, "stored"],
    [{}, { deviceId: "" }, "24a160000b01"],
  ])("who the feeder is: %j, %j -> %s", async (config, stored, deviceId) => {
    expect((await adapters({}, config, stored)).settings.deviceId).toBe(deviceId);
  });

  test.each([
    [{}, undefined],
    [
      { ssid: "garden", password: "of-old-boards" },
      { ssid: "garden", password: "of-old-boards" },
    ],
    [
      { ssid: "garden", password: "of-old-boards", wifi: '{"ssid":"shed","password":"of-today"}' },
      { ssid: "shed", password: "of-today" },
    ],
    [
      { ssid: "garden", wifi: "broken" },
      { ssid: "garden", password: "" },
    ],
  ])("network in NVS: %j -> %j", async (stored, wifi) => {
    expect((await adapters({}, {}, stored)).settings.wifi).toEqual(wifi);
  });
});
