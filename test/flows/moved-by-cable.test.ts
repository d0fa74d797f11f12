import { expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { encodeImprovPacket, IMPROV_TYPE } from "../../protocol/improv-packet.ts";
import { encodeImprovRpc, IMPROV_COMMAND } from "../../protocol/improv-rpc.ts";
import { encodeUtf8 } from "../../protocol/utf8.ts";
import { BARE_ID, startDesk } from "./improv-world.ts";

/** A feeder at work, and somebody with a cable who gives it another server. */
async function startMoved(options: { readonly closedServer: boolean }) {
  const desk = await startDesk({ ...options, bare: false, cameAtMs: MINUTE_MS });
  const url = encodeImprovRpc(IMPROV_COMMAND.serverUrl, encodeUtf8("http://moved.test"));
  const kept = (key: string) => desk.board.nvs.get(`skyfeeder/${key}`);
  return {
    ...desk,
    kept,
    move: async () => {
      desk.bridge.write(encodeImprovPacket(IMPROV_TYPE.rpc, url));
      await desk.runFor(SECOND_MS);
      expect(kept("serverUrl")).toBe("http://moved.test");
    },
  };
}

test("a server that lets a feeder in after it was given another one has not its token shown there", async () => {
  const { stage, trace, log, runFor, move, kept } = await startMoved({ closedServer: true });
  const polls = () => trace.filter((line) => line.includes("POST /v1/enrolment/token")).length;
  for (const before = polls(); polls() === before; ) await runFor(50);
  // The next comes between the move and the restart.
  await runFor(3.8 * SECOND_MS);
  await move();
  await stage.approve(BARE_ID);
  await runFor(SECOND_MS);
  expect(log.join()).toContain("identity: approved");
  await runFor(2 * SECOND_MS);
  expect(log.join()).toContain("boot 2");
  expect(kept("deviceToken")).toBeUndefined();
});

test("nor do settings that come from it stand before those of the other one", async () => {
  const { stage, log, runFor, move, kept } = await startMoved({ closedServer: false });
  const booted = () => log.some((line) => line.includes("boot 2"));
  await move();
  await stage.configure(BARE_ID, { clipSeconds: 2 });
  while (!booted()) await runFor(50);
  expect(log.join()).toContain("config: 1 trial");
  expect(kept("deviceConfig")).toBeUndefined();
});
