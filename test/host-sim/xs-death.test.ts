import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TASK_WATCHDOG_MS } from "../../host-sim/board/power.ts";
import { ROOT } from "../tidy/source-tree.ts";
import { engines, xs } from "./both-engines.ts";
import { startSmall } from "./small-firmware.ts";

const onXs = test.skipIf(xs === undefined);
const REASON = "const reason = native.reset_reason(); trace(String(reason));";
const WATCHDOG = 6;
const SOFTWARE = 3;

/** Firmware that dies of it, and what it died of. */
const DEATHS = [
  ["never returns", "for (;;);", "the firmware does not return", WATCHDOG],
  [
    "never returns, and catches all",
    "try { for (;;); } finally { for (;;); }",
    "the firmware does not return",
    WATCHDOG,
  ],
  [
    "keeps objects for ever",
    "for (const all = []; ; ) all.push({ all });",
    "the firmware's heap is full",
    SOFTWARE,
  ],
  [
    "keeps bytes for ever",
    "for (const all = []; ; ) all.push(new Uint8Array(4096));",
    "the firmware's heap is full",
    SOFTWARE,
  ],
  [
    "calls itself for ever",
    "(function deeper() { deeper(); })();",
    "the firmware's stack is full",
    SOFTWARE,
  ],
] as const;

onXs.for(DEATHS)("firmware that %s fails the world with its name", async ([, does, says]) => {
  const engine = xs ?? expect.fail();
  const { world } = await startSmall(`Timer.set(() => { ${does} }, 1000);`, { engine });
  await expect(world.run(100_000)).rejects.toThrow(says);
});

onXs.for(DEATHS)(
  "firmware that %s starts again, where bugs are expected",
  async ([, does, , reason]) => {
    const engine = xs ?? expect.fail();
    const { world, log, trace } = await startSmall(
      `${REASON}
    if (reason === 1) Timer.set(() => { trace("dies"); ${does} }, 1000);
    Timer.set(() => trace("lives"), 2000);`,
      { engine, bugsAreFatal: false },
    );
    await world.run(100_000);
    expect(log).toEqual(["1", "dies", String(reason), "lives"]);
    const reset = trace.find((line) => line.includes(" reset "));
    const waitsMs = reason === WATCHDOG ? TASK_WATCHDOG_MS : 0;
    expect(Number(reset?.split(" ")[0])).toBeCloseTo(395.7 + 1_000 + waitsMs, 0);
  },
);

/** Vitest fails a run in which a rejection went unhandled, which here is the very thing. */
async function withoutVitestListening(run: () => Promise<void>): Promise<void> {
  const listeners = process.listeners("unhandledRejection");
  const theirs = listeners.filter((listener) => !String(listener).includes("FirmwareDeath"));
  for (const listener of theirs) process.off("unhandledRejection", listener);
  await run().finally(() => {
    for (const listener of theirs) process.on("unhandledRejection", listener);
  });
}

test.for(engines)(
  "%s: a rejection that nobody handles fails the world, or starts the board again",
  ([, engine]) =>
    withoutVitestListening(async () => {
      const source = `${REASON}
      if (reason === 1) Timer.set(() => { Promise.reject(new Error("forgotten")); }, 1000);
      Promise.reject(new Error("handled")).catch(() => {});
      Timer.set(() => trace("lives"), 2000);`;
      const fatal = await startSmall(source, { engine });
      await expect(fatal.world.run(100_000)).rejects.toThrow(
        "the firmware left a rejection unhandled: Error: forgotten",
      );
      const resets = await startSmall(source, { engine, bugsAreFatal: false });
      await resets.world.run(100_000);
      expect(resets.log).toEqual(["1", "3", "lives"]);
    }),
);

/** Processes of XS that run; a dead one that nobody has looked at yet has no memory. */
function workersOf(parent: number): number[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim();
  return children.split(" ").map(Number).filter(isWorker);
}

function isWorker(pid: number): boolean {
  const path = `/proc/${pid}/cmdline`;
  return existsSync(path) && readFileSync(path, "utf8").includes("xsnap-worker");
}

onXs("the process of a board ends with its power, or with its reset", async () => {
  const others = workersOf(process.pid);
  const workers = () => workersOf(process.pid).filter((pid) => !others.includes(pid));
  const { world, board } = await startSmall("", { engine: xs ?? expect.fail() });
  await world.run(1_000);
  expect(workers()).toHaveLength(1);
  board.reset("brownout");
  await world.run(2_000);
  expect(workers()).toHaveLength(1);
  board.powerOff();
  await expect.poll(workers).toEqual([]);
});

onXs("firmware that throws at each start leaves no process behind", async () => {
  const others = workersOf(process.pid);
  const options = { engine: xs ?? expect.fail(), bugsAreFatal: false };
  const { world, board } = await startSmall("trace('starts'); throw new Error('a bug');", options);
  await world.run(2_000);
  expect(board.bricked).toBe(false);
  board.powerOff();
  await expect
    .poll(() => workersOf(process.pid).filter((pid) => !others.includes(pid)))
    .toEqual([]);
});

/** Starts a board, says which process it is in, and ends. */
const LEAVES = `
  import { readFileSync } from "node:fs";
  import { chooseEngine } from "./host-sim/engines/engine-choice.ts";
  import { startSmall } from "./test/host-sim/small-firmware.ts";
  const { world } = await startSmall("", { engine: chooseEngine("xs") });
  await world.run(1_000);
  console.log(readFileSync("/proc/self/task/" + process.pid + "/children", "utf8"));
`;

onXs.for([
  ["ends", ""],
  ["fails", "throw new Error('a bug');"],
  ["is killed", "process.kill(process.pid, 'SIGKILL');"],
])("no board outlives a simulator that %s", async ([how, end]) => {
  const folder = mkdtempSync(join(tmpdir(), "skyfeeder-xs-test-"));
  const { stdout } = spawnSync(
    process.execPath,
    ["--input-type=module-typescript", "--eval", `${LEAVES}${end}`],
    { cwd: ROOT, encoding: "utf8", env: { ...process.env, TMPDIR: folder } },
  );
  const pids = stdout.trim().split(" ").map(Number);
  expect(pids.every((pid) => pid > 1)).toBe(true);
  await expect.poll(() => pids.filter(isWorker)).toEqual([]);
  if (how !== "is killed") expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
