import { expect, test } from "vitest";
import type { CapturePayload } from "../../protocol/room-messages.ts";
import { type Script, scripted } from "./hostile-camera.ts";
import { drawnPictures } from "./pictures.ts";
import { MINUTE_MS, startSystem } from "./system.ts";

const picture = drawnPictures()();
const other = new Uint8Array(60_000).fill(3);

/** Sleeps when told to and takes a good still for `photo`, after `first` has had its say. */
function wellMeaning(first: Script): Script {
  return (camera, command) => {
    if (command.op === "sleep") return camera.sleep();
    if (command.op !== "photo") return;
    first(camera, command);
    camera.offer(1, String(command.captureId), picture);
  };
}

const SAYS: Record<string, Script> = {
  "that it sleeps when nobody told it to": (camera) =>
    camera.say("result", { op: "sleep", ok: true }),
  "results of what it was never asked": (camera) => {
    camera.say("result", { op: "upload", id: 1, ok: true });
    camera.say("result", { op: "wifi_stage", ok: true });
  },
  "a still with a name that is a path": (camera) => camera.offer(2, "../../etc/passwd", other),
  "a still of a type with a line break": (camera) =>
    camera.offer(2, "abc-1", other, { contentType: "text/html\r\nX: y" }),
  "a still of 4 GB": (camera) => camera.offer(2, "abc-2", other, { size: 0xffffffff }),
  "a still of no bytes": (camera) => camera.offer(2, "abc-3", new Uint8Array(0)),
  "twelve stills more": (camera) => {
    for (let id = 2; id < 14; id++) camera.offer(id, `abc-${id}`, other.subarray(0, 500 + id));
  },
};

test.each(Object.entries(SAYS))(
  "a camera that offers or says %s still delivers its visit, and the next",
  async (_, says) => {
    const system = await startSystem({ cameraFirmware: scripted(wellMeaning(says)) });
    system.world.after(MINUTE_MS, () => system.feeder.visit(3_000, 120));
    system.world.after(8 * MINUTE_MS, () => system.feeder.visit(3_000, 120));
    await system.world.run(12 * MINUTE_MS);
    const captures = system.heard
      .filter(({ message }) => message.type === "event.capture")
      .map(({ message }) => message.payload as CapturePayload)
      .filter(({ captureId }) => !captureId.startsWith("abc"));
    expect(captures).toMatchObject([{ ok: true }, { ok: true }]);
    expect(system.camera.awake).toBe(false);
  },
);

const LIES: Record<string, Script> = {
  "never comes": (camera, { captureId }) => {
    camera.offer(1, String(captureId), picture);
    camera.forget();
    const chatter = (): void => {
      camera.say("result", { op: "status", ok: true });
      camera.host.later(1_000, chatter);
    };
    chatter();
  },
  "is longer than offered": (camera, { captureId }) =>
    camera.offer(1, String(captureId), other, { size: 2_500 }),
  "is offered twice with two sizes": (camera, { captureId }) => {
    camera.offer(1, String(captureId), other, { size: 20_000 });
    camera.host.later(60, () => camera.offer(2, String(captureId), other));
  },
  "is offered twice under two names": (camera, { captureId }) => {
    camera.offer(1, String(captureId), other);
    camera.host.later(60, () => camera.offer(2, `${captureId}-b`, other));
  },
};

test.each(Object.entries(LIES))(
  "a still that %s has one outcome, and the camera is let go",
  async (_, lie) => {
    const script: Script = (camera, command) => {
      if (command.op === "sleep") camera.sleep();
      if (command.op === "photo") lie(camera, command);
    };
    const system = await startSystem({ cameraFirmware: scripted(script) });
    system.world.after(MINUTE_MS, () => system.feeder.visit(3_000, 120));
    await system.world.run(8 * MINUTE_MS);
    const told = system.heard
      .filter(({ message }) => /visit|capture/.test(String(message.type)))
      .map(({ message }) => (message.payload as CapturePayload).captureId);
    // Its visit, and its one outcome.
    expect(told.filter((captureId) => captureId === told[0])).toHaveLength(2);
    expect(system.camera.awake).toBe(false);
  },
);

test("a still that its camera withdraws is given up at once", async () => {
  const script: Script = (camera, command) => {
    camera.withdraws = true;
    if (command.op === "photo") camera.offer(1, String(command.captureId), picture);
    camera.forget();
    if (command.op === "sleep") camera.sleep();
  };
  const system = await startSystem({ cameraFirmware: scripted(script) });
  system.world.after(MINUTE_MS, () => system.feeder.visit(3_000, 120));
  await system.world.run(MINUTE_MS + 5_000);
  const ends = system.heard.filter(({ message }) => message.type === "event.capture");
  expect(ends.map(({ message }) => message.payload)).toMatchObject([
    { ok: false, reason: "still_failed" },
  ]);
  expect(system.camera.awake).toBe(false);
});

test("a camera that refuses to sleep is asked for 50 s, then left to its own timer", async () => {
  const askedAtMs: number[] = [];
  const script: Script = (camera, command) => {
    if (command.op === "photo") camera.offer(1, String(command.captureId), picture);
    if (command.op !== "sleep") return;
    askedAtMs.push(camera.host.nowMs());
    camera.say("result", { op: "sleep", ok: false, reason: "busy" });
  };
  const system = await startSystem({ cameraFirmware: scripted(script) });
  system.world.after(MINUTE_MS, () => system.feeder.visit(3_000, 120));
  await system.world.run(8 * MINUTE_MS);
  const askedForMs = (askedAtMs.at(-1) ?? 0) - (askedAtMs[0] ?? 0);
  expect(askedForMs).toBeGreaterThan(50_000);
  expect(askedForMs).toBeLessThan(55_000);
});
