import { describe, expect, test } from "vitest";
import { createUpdateWorld } from "../../cli/sim/update-world.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { startEnrolment } from "./enrolment-world.ts";
import { firmware, NEW, OLD, offeredUpdate, runs, until } from "./updates.ts";

const ASK = "POST /v1/enrolment";
const POLL = "POST /v1/enrolment/token";
const DISCOVER = "GET /v1/discovery/feeder-1";
const RENEW = "POST /v1/device-token";
const VISIT_MS = 6 * SECOND_MS;

/** A feeder that was let in. */
async function enrolled() {
  const garden = await startEnrolment();
  await garden.runFor(MINUTE_MS);
  await garden.approve();
  expect(await garden.isIn()).toBe(true);
  return garden;
}

describe("a feeder that nobody knows", () => {
  test("shows one code, keeps its photo, and brings it once it is let in", async () => {
    const garden = await startEnrolment();
    await garden.runFor(MINUTE_MS);
    garden.feeder.visit(VISIT_MS);
    await garden.runFor(5 * MINUTE_MS);
    expect(garden.codes().size).toBe(1);
    expect(await garden.photos()).toBe(0);
    await garden.approve();
    expect(await garden.isIn()).toBe(true);
    await garden.runFor(20 * MINUTE_MS);
    expect(await garden.photos()).toBe(1);
  });

  test("is out until somebody approves, asks in measure, and shows a new code when one has expired", async () => {
    const garden = await startEnrolment();
    await garden.runFor(5 * HOUR_MS);
    expect(await garden.isIn()).toBe(false);
    // Each code lives for half an hour, and a minute at most lies between two.
    expect(garden.codes().size).toBeGreaterThanOrEqual(9);
    expect(garden.requests(ASK)).toBe(garden.codes().size);
    expect(garden.requests(DISCOVER)).toBe(garden.codes().size);
    expect(garden.requests(POLL)).toBeLessThanOrEqual((5 * HOUR_MS) / (5 * SECOND_MS));
    await garden.approve();
    expect(await garden.isIn()).toBe(true);
  });

  test("shows its code again each minute, for whoever opens the log later", async () => {
    const garden = await startEnrolment();
    await garden.runFor(10 * MINUTE_MS);
    const shown = garden.log.filter((line) => line.includes("claim code"));
    expect(shown.length).toBeGreaterThanOrEqual(9);
    expect(shown.length).toBeLessThanOrEqual(11);
  });

  test("that was denied is quiet for an hour, and may ask again", async () => {
    const garden = await startEnrolment();
    await garden.runFor(MINUTE_MS);
    expect((await garden.deny()).status).toBe(200);
    await garden.runFor(MINUTE_MS);
    const deniedAtMs = garden.world.nowMs;
    await garden.runFor(57 * MINUTE_MS);
    for (const what of [ASK, POLL, DISCOVER]) expect(garden.requests(what, deniedAtMs)).toBe(0);
    await garden.runFor(5 * MINUTE_MS);
    expect(garden.codes().size).toBe(2);
    await garden.approve();
    expect(await garden.isIn()).toBe(true);
  });

  test("keeps its code where answers are lost, also the one with its token", async () => {
    const garden = await startEnrolment();
    await garden.runFor(MINUTE_MS);
    await garden.approve();
    const endLoss = garden.stage.httpFaults.begin({ kind: "answer_lost" }, 1);
    await garden.runFor(3 * MINUTE_MS);
    expect(garden.token()).toBeUndefined();
    endLoss();
    await garden.runFor(MINUTE_MS);
    expect(await garden.isIn()).toBe(true);
    expect(garden.codes().size).toBe(1);
  });

  test("keeps its code where the Wi-Fi comes and goes, and polls as often as before", async () => {
    const garden = await startEnrolment();
    const { radio } = garden.board;
    await garden.runFor(MINUTE_MS);
    for (let gone = 0; gone < 3; gone++) {
      // It goes in the middle of a question as well as between two.
      const endLoss = garden.stage.httpFaults.begin({ kind: "answer_lost" }, gone % 2);
      await garden.runFor(8 * SECOND_MS);
      radio.setInReach(false);
      await garden.runFor(2 * SECOND_MS);
      radio.setInReach(true);
      endLoss();
      await garden.runFor(MINUTE_MS);
    }
    const fromMs = garden.world.nowMs;
    await garden.runFor(5 * MINUTE_MS);
    expect(garden.requests(POLL, fromMs)).toBeLessThanOrEqual(MINUTE_MS / SECOND_MS);
    await garden.approve();
    expect(await garden.isIn()).toBe(true);
    expect(garden.codes().size).toBe(1);
  });
});

test.each(["before", "torn", "after"] as const)(
  "power that goes while the token is stored (%s) leaves all of it or nothing",
  async (phase) => {
    const garden = await startEnrolment();
    const { board, world } = garden;
    await garden.runFor(MINUTE_MS);
    const operation = board.flash.operations + 1;
    board.flash.cutPower({ operation, phase, random: world.random("cut") });
    let cuts = 0;
    board.powerCut = () => {
      cuts++;
      world.after(SECOND_MS, () => board.powerOn());
    };
    await garden.approve();
    await garden.runFor(MINUTE_MS);
    expect(cuts).toBe(1);
    const isKept = garden.token() !== undefined;
    expect(isKept).toBe(phase === "after");
    expect(garden.codes().size).toBe(isKept ? 1 : 2);
    if (!isKept) await garden.approve();
    expect(await garden.isIn()).toBe(true);
  },
);

describe("a feeder that was let in", () => {
  test("asks no more at a wake from deep sleep than on a server that trusts everybody", async () => {
    const wakes = async (garden: Awaited<ReturnType<typeof startEnrolment>>) => {
      garden.board.sleep(MINUTE_MS);
      const fromMs = garden.world.nowMs;
      await garden.runFor(4 * MINUTE_MS);
      return garden.requestsSince(fromMs).toSorted();
    };
    const open = await startEnrolment({ closedServer: false });
    await open.runFor(3 * MINUTE_MS);
    expect(await wakes(await enrolled())).toEqual(await wakes(open));
  });

  test("is told nothing it says aloud: its token is in no log and no trace", async () => {
    const garden = await enrolled();
    garden.feeder.visit(VISIT_MS);
    await garden.runFor(10 * MINUTE_MS);
    expect(await garden.photos()).toBe(1);
    const [, , signature = "none"] = garden.token()?.split(".") ?? [];
    expect(signature).toMatch(/^[\w-]{43}$/);
    expect(garden.log.filter((line) => line.includes(signature))).toEqual([]);
    expect(garden.trace.filter((line) => line.includes(signature))).toEqual([]);
  });

  test("enrols anew when it was revoked, and its photo of that time is not lost", async () => {
    const garden = await enrolled();
    await garden.revoke();
    await garden.runFor(MINUTE_MS);
    expect(await garden.isIn()).toBe(false);
    garden.feeder.visit(VISIT_MS);
    await garden.runFor(30 * MINUTE_MS);
    expect(await garden.photos()).toBe(0);
    await garden.approve();
    expect(await garden.isIn()).toBe(true);
    await garden.runFor(20 * MINUTE_MS);
    expect(await garden.photos()).toBe(1);
    expect(garden.codes().size).toBeGreaterThanOrEqual(2);
  });

  test("renews its token in the last half of its life, once, and outlives the first", async () => {
    const garden = await enrolled();
    const first = garden.token();
    garden.server.stepClock(89 * DAY_MS);
    garden.stage.internet.breakSockets();
    await garden.runFor(5 * MINUTE_MS);
    expect(garden.token()).toBe(first);
    garden.server.stepClock(2 * DAY_MS);
    garden.stage.internet.breakSockets();
    await garden.runFor(5 * MINUTE_MS);
    expect(garden.token()).not.toBe(first);
    await garden.runFor(DAY_MS);
    expect(garden.requests(RENEW)).toBe(1);
    garden.server.stepClock(100 * DAY_MS);
    garden.stage.internet.breakSockets();
    await garden.runFor(MINUTE_MS);
    expect(await garden.isIn()).toBe(true);
    expect(garden.codes().size).toBe(1);
  });

  test.each([-400, 200])(
    "keeps its token through a clock that is %i days off for a while",
    async (days) => {
      const garden = await enrolled();
      const token = garden.token();
      garden.server.stepClock(days * DAY_MS);
      garden.stage.internet.breakSockets();
      await garden.runFor(20 * MINUTE_MS);
      expect(garden.token()).toBe(token);
      garden.server.stepClock(-days * DAY_MS);
      garden.stage.internet.breakSockets();
      await garden.runFor(35 * MINUTE_MS);
      expect(await garden.isIn()).toBe(true);
      expect(garden.token()).toBe(token);
    },
  );
});

test("its token goes to the server's own API and nowhere else: uploads and images have theirs", async () => {
  const authorizations = new Map<string, Set<string | null>>();
  const nvs = { "skyfeeder/deviceToken": "the.device.token" };
  const system = await offeredUpdate({ nvs });
  system.path.intercept = ({ url, method, headers }) => {
    const [, first, second] = new URL(url).pathname.split("/");
    const what = `${method} ${first === "fput" ? "upload" : `${first}/${second}`}`;
    const known = authorizations.get(what) ?? new Set();
    authorizations.set(what, known.add(headers.get("Authorization")));
    return undefined;
  };
  system.board.powerOn();
  system.world.after(20 * SECOND_MS, () => system.board.visit(VISIT_MS, 120));
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  await system.world.run(system.world.nowMs + 5 * MINUTE_MS);

  const own = new Set(["Bearer the.device.token"]);
  for (const what of ["GET v1/discovery", "POST v1/presign", "POST v1/ota", "POST api/v1"]) {
    expect(authorizations.get(what), what).toEqual(own);
  }
  const [upload] = authorizations.get("PUT upload") ?? [];
  expect(upload).toMatch(/^Bearer (?!the\.)/);
  expect([...(authorizations.get(`GET firmware/${NEW}`) ?? [])].toSorted()).toEqual([...own, null]);
});

test("a server that is closed later asks its feeders for tokens, and one that opens again for none", async () => {
  const garden = await startEnrolment({ closedServer: false });
  expect(await garden.isIn()).toBe(true);
  expect(garden.requests(ASK)).toBe(0);
  const restart = async (isClosed: boolean) => {
    garden.server.crash("killed");
    garden.server.isClosed = isClosed;
    await garden.server.start();
    await garden.runFor(2 * MINUTE_MS);
  };
  await restart(true);
  expect(await garden.isIn()).toBe(false);
  await garden.approve();
  expect(await garden.isIn()).toBe(true);
  await restart(false);
  expect(await garden.isIn()).toBe(true);
});

test("a refusal beside the session leads to discovery, which is not asked in a loop", async () => {
  const asked: string[] = [];
  const body = JSON.stringify({ code: "token_expired", status: 401 });
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  system.path.intercept = ({ url }) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    return pathname === "/v1/presign/put" ? new Response(body, { status: 401 }) : undefined;
  };
  system.board.powerOn();
  await system.world.run(MINUTE_MS);
  for (let visit = 0; visit < 20; visit++) {
    system.world.after(visit * 3 * MINUTE_MS, () => system.board.visit(VISIT_MS, 120));
  }
  await system.world.run(HOUR_MS + MINUTE_MS);
  const discoveries = asked.filter((path) => path.startsWith("/v1/discovery")).length;
  expect(discoveries).toBeGreaterThanOrEqual(3);
  expect(discoveries).toBeLessThanOrEqual(1 + 6);
});
