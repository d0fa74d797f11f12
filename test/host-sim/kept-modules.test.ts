import { expect, test } from "vitest";
import { nodeEngine } from "../../host-sim/engines/node.ts";

/** Its modules are there once, and each start tells what the one before left in the globals. */
const FIRMWARE = `((main) => {
  const { call, listen } = __board;
  call("modules", []);
  listen(() => {
    const heard = [];
    return (_target, event) => call("heard", [heard.push(event)]);
  });
  main(() => {
    call("started", [typeof left]);
    globalThis.left = 1;
  });
})(__board.main);`;

function powerOn() {
  const calls: string[] = [];
  const running = nodeEngine(FIRMWARE, {
    operations: [],
    call: (operation, args) => void calls.push([operation, ...args].join(" ")),
    wallClockMs: () => 0,
    random: () => 0,
    died: (death) => {
      throw death;
    },
  });
  return { calls, running };
}

test("a start finds the modules as they were, and nothing of the run before", () => {
  expect(powerOn().calls).toEqual(["modules", "started undefined"]);
  expect(powerOn().calls).toEqual(["started undefined"]);
});

test("boards of one image in turns hear and ask what is theirs", () => {
  const [one, other] = [powerOn(), powerOn()];
  one.running.dispatch(1, "elapsed", []);
  other.running.dispatch(1, "elapsed", []);
  one.running.dispatch(1, "elapsed", []);
  expect(one.calls.slice(1)).toEqual(["heard 1", "heard 2"]);
  expect(other.calls.slice(1)).toEqual(["heard 1"]);
  one.running.end();
  one.running.dispatch(1, "elapsed", []);
  expect(one.calls).toHaveLength(3);
});
