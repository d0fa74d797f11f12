import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { RIGHT, startPortal } from "./portal-world.ts";
import { NEW, offeredUpdate, runs, until } from "./updates.ts";

const OWN = "4.3.2.1";
/** For the address of "a". */
const QUERY = Uint8Array.of(...[0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], 1, 97, 0, 0, 1, 0, 1);
const SEEDS = Number(process.env.NOISE_SEEDS ?? 500);

describe("a board from the factory", () => {
  test("opens its own network and says no password of another on its log", async () => {
    const garden = await startPortal({ typed: [RIGHT] });
    garden.visitor.begin();
    await garden.runFor(MINUTE_MS);
    expect(garden.portals()).toEqual(["not_set_up"]);
    expect(garden.onlineAtMs()).toBeLessThan(MINUTE_MS);
    expect(garden.stored("name")).toBe("Pear tree");
    expect(garden.board.radio.softAp.ssid).toBeUndefined();
    const said = [...garden.log, ...garden.trace].join("\n");
    expect(said).not.toContain(RIGHT.password);
    expect(said).toMatch(/join SkyFeeder-FFEE with [a-z2-9]{12}, open http:\/\/4\.3\.2\.1\//);
  });

  test("keeps its network's password, also over a loss of power", async () => {
    const garden = await startPortal();
    await garden.runFor(5 * SECOND_MS);
    const password = garden.stored("portalPassword");
    garden.board.powerOff();
    await garden.runFor(SECOND_MS);
    garden.board.powerOn();
    await garden.runFor(20 * SECOND_MS);
    expect(garden.stored("portalPassword")).toBe(password);
    const { softAp } = garden.board.radio;
    const opens = (typed: string) => softAp.associate("SkyFeeder-FFEE", typed, () => {});
    expect(opens("")).toBe(false);
    expect(opens("12345678")).toBe(false);
    expect(opens(password ?? "")).toBe(true);
  });

  test("says what was wrong, and asks again until it is right", async () => {
    const wrong = [
      { ...RIGHT, password: "not-the-one" },
      { ...RIGHT, ssid: "nobody's" },
      { ...RIGHT, ssid: "orchard-guest", password: "" },
      { ...RIGHT, server: "http://192.168.1.10 :8080" },
    ];
    const garden = await startPortal({ typed: [...wrong, RIGHT] });
    garden.visitor.begin();
    await garden.runFor(5 * MINUTE_MS);
    expect(garden.visitor.read.filter((text) => !/^Trying|^Set up/.test(text))).toEqual([
      "The network did not take this password. Type it again.",
      "The network was not heard. It has to be a 2.4 GHz one, and near enough.",
      "The network let the feeder in, but gave it no address. Is its router well?",
      "A server's address begins with http:// or https:// and has no blanks in it.",
      "The feeder is online",
    ]);
    expect(garden.onlineAtMs()).toBeDefined();
  });

  test("says when no server answers, and needs no password again for another address", async () => {
    const garden = await startPortal({ typed: [RIGHT, { ...RIGHT, password: "" }] });
    garden.stage.internet.reachability = "refused";
    garden.visitor.begin();
    await garden.runFor(35 * SECOND_MS);
    expect(garden.visitor.read.at(-1)).toContain("no server answers at this address");
    garden.stage.internet.reachability = "up";
    await garden.runFor(MINUTE_MS);
    expect(garden.onlineAtMs()).toBeDefined();
  });

  test("shows the claim code where the server wants to be asked, and leaves once it is let in", async () => {
    const garden = await startPortal({ typed: [RIGHT], closedServer: true });
    garden.visitor.begin();
    await garden.runFor(2 * MINUTE_MS);
    const code = garden.feeder.claimCode ?? "none";
    expect(garden.visitor.read).toContain(code);
    expect(garden.onlineAtMs()).toBeUndefined();
    await garden.stage.approve(garden.feeder.deviceId);
    await garden.runFor(MINUTE_MS);
    expect(garden.visitor.read.at(-1)).toBe("The feeder is online");
    expect(garden.onlineAtMs()).toBeDefined();
    // The token came with it: nobody was asked a second time.
    expect(garden.feeder.claimCode).toBe(code);
  });

  test("closes its network when nobody came, and opens it again at a press or with the power", async () => {
    const garden = await startPortal();
    const { softAp } = garden.board.radio;
    await garden.runFor(9 * MINUTE_MS);
    expect(softAp.ssid).toBe("SkyFeeder-FFEE");
    await garden.runFor(2 * MINUTE_MS);
    expect(softAp.ssid).toBeUndefined();
    garden.board.press(5 * SECOND_MS);
    await garden.runFor(10 * SECOND_MS);
    expect(softAp.ssid).toBe("SkyFeeder-FFEE");
    expect(garden.portals()).toEqual(["not_set_up", "press"]);
    await garden.runFor(20 * MINUTE_MS);
    garden.board.powerOff();
    garden.board.powerOn();
    await garden.runFor(10 * SECOND_MS);
    expect(softAp.ssid).toBe("SkyFeeder-FFEE");
  });
});

/** Power that comes for so long each time, and is then away for a second. */
async function cycle(garden: Awaited<ReturnType<typeof startPortal>>, ...upMs: number[]) {
  for (const ms of upMs) {
    garden.board.powerOff();
    await garden.runFor(SECOND_MS);
    garden.board.powerOn();
    await garden.runFor(ms);
  }
}

describe("a feeder that is set up", () => {
  test("opens the portal when its power is switched three times", async () => {
    const garden = await startPortal({ isSetUp: true });
    await garden.runFor(MINUTE_MS);
    await cycle(garden, 5_000, 5_000, 20_000);
    expect(garden.portals()).toEqual(["power_cycles"]);
    // Nobody comes: it goes back to what it knows.
    const closedMs = garden.world.nowMs;
    await garden.runFor(12 * MINUTE_MS);
    expect(garden.onlineAtMs(closedMs)).toBeDefined();
  });

  test("does not where it was up for ten seconds in between", async () => {
    const garden = await startPortal({ isSetUp: true });
    await garden.runFor(MINUTE_MS);
    await cycle(garden, 5_000, 12_000, 5_000, 5_000);
    expect(garden.portals()).toEqual([]);
  });

  test("does not for resets of its own, however many", async () => {
    const garden = await startPortal({ isSetUp: true });
    for (const reason of ["software", "brownout", "panic", "watchdog"] as const) {
      garden.board.reset(reason);
      await garden.runFor(3_000);
    }
    expect(garden.portals()).toEqual([]);
  });

  test("writes its count twice for each time that the power comes, and never otherwise", async () => {
    const garden = await startPortal({ isSetUp: true });
    await garden.runFor(5_000);
    expect(garden.stored("powerOns")).toBe("1");
    await garden.runFor(10_000);
    expect(garden.stored("powerOns")).toBeUndefined();
    garden.board.reset("brownout");
    await garden.runFor(5_000);
    expect(garden.stored("powerOns")).toBeUndefined();
  });

  test("opens it for a press of four seconds, and not for a shorter one", async () => {
    const garden = await startPortal({ isSetUp: true, typed: [{ ...RIGHT, name: "Hedge" }] });
    await garden.runFor(MINUTE_MS);
    garden.board.press(3_900);
    await garden.runFor(MINUTE_MS);
    expect(garden.portals()).toEqual([]);
    garden.board.press(4_100);
    const pressedMs = garden.world.nowMs;
    garden.visitor.begin();
    await garden.runFor(2 * MINUTE_MS);
    expect(garden.portals()).toEqual(["press"]);
    expect(garden.stored("name")).toBe("Hedge");
    expect(garden.onlineAtMs(pressedMs)).toBeDefined();
  });

  test("keeps the network that works when another is tried in vain", async () => {
    const typed = [{ ...RIGHT, password: "not-the-one" }];
    const garden = await startPortal({ isSetUp: true, typed });
    await garden.runFor(MINUTE_MS);
    garden.board.press(5 * SECOND_MS);
    garden.visitor.begin();
    const pressedMs = garden.world.nowMs + 10 * SECOND_MS;
    await garden.runFor(MINUTE_MS);
    expect(garden.visitor.read).toContain("The network did not take this password. Type it again.");
    await cycle(garden, 20_000);
    expect(garden.onlineAtMs(pressedMs)).toBeDefined();
  });
});

describe("the wires of the portal", () => {
  test("four connections at once are served, and one that says nothing is given up", async () => {
    const garden = await startPortal();
    await garden.runFor(5 * SECOND_MS);
    const { phone } = garden.visitor;
    phone.join("SkyFeeder-FFEE", garden.stored("portalPassword") ?? "");
    await garden.runFor(3 * SECOND_MS);
    const ended: string[] = [];
    for (const _ of [1, 2, 3, 4])
      phone.exchange(Buffer.from("GET / HT"), (text) => ended.push(text));
    await garden.runFor(SECOND_MS);
    expect(await garden.ask({ host: OWN, path: "/" })).toBeUndefined();
    await garden.runFor(10 * SECOND_MS);
    expect(ended).toEqual(["", "", "", ""]);
    expect(await garden.ask({ host: OWN, path: "/" })).toMatchObject({ status: 200 });
  });

  test("Apple's probe, which speaks HTTP/1.0, is sent to the page", async () => {
    const garden = await startPortal();
    await garden.runFor(5 * SECOND_MS);
    garden.visitor.phone.join("SkyFeeder-FFEE", garden.stored("portalPassword") ?? "");
    await garden.runFor(3 * SECOND_MS);
    const probe = {
      host: "captive.apple.com",
      path: "/hotspot-detect.html",
      version: "1.0",
    } as const;
    const answer = await garden.ask(probe);
    expect(answer?.status).toBe(302);
    expect(answer?.headers.get("location")).toBe(`http://${OWN}/`);
  });

  test("an answer that could not be sent is asked for again", async () => {
    const garden = await startPortal();
    await garden.runFor(5 * SECOND_MS);
    const { phone } = garden.visitor;
    phone.join("SkyFeeder-FFEE", garden.stored("portalPassword") ?? "");
    await garden.runFor(3 * SECOND_MS);
    const answers: Uint8Array[] = [];
    const askName = () => phone.askName(QUERY, (bytes) => answers.push(bytes));
    garden.board.radio.softAp.hasNoBuffer = true;
    askName();
    await garden.runFor(SECOND_MS);
    garden.board.radio.softAp.hasNoBuffer = false;
    askName();
    await garden.runFor(SECOND_MS);
    expect(answers).toHaveLength(1);
    expect(garden.log.filter((line) => line.includes(" error "))).toEqual([]);
  });

  test("noise at both ports changes nothing", async () => {
    const garden = await startPortal();
    await garden.runFor(5 * SECOND_MS);
    const { phone } = garden.visitor;
    phone.join("SkyFeeder-FFEE", garden.stored("portalPassword") ?? "");
    await garden.runFor(3 * SECOND_MS);
    const starts = [
      "",
      "GET ",
      "POST /setup HTTP/1.1\r\n",
      "POST /setup HTTP/1.1\r\nContent-Length: 20\r\n\r\n",
    ];
    const noise = fc.sample(
      fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 })),
      {
        numRuns: SEEDS,
        seed: 1,
      },
    );
    for (const [index, [start, bytes]] of noise.entries()) {
      const packet = Buffer.concat([Buffer.from(start), bytes]);
      garden.world.after(index * 20, () => phone.askName(bytes, () => {}));
      garden.world.after(index * 20, () => {
        // A phone that gives up at once: its connections are not waited for.
        const stream = phone.connect({ received: () => {}, closed: () => {} });
        stream?.send(packet);
        stream?.hangUp();
      });
    }
    await garden.runFor(SEEDS * 20 + 15 * SECOND_MS);
    expect(await garden.ask({ host: OWN, path: "/" })).toMatchObject({ status: 200 });
    expect(garden.portals()).toEqual(["not_set_up"]);
  });
});

test("a press does not take an image on trial back; once it is confirmed the portal opens", async () => {
  let isStarted = false;
  const system = await offeredUpdate({
    watchTrace: (line) => {
      if (!line.endsWith("boot 1.1.0") || isStarted) return;
      isStarted = true;
      // In the dark its trial goes on for minutes.
      system.internet.reachability = "silent";
      system.world.after(SECOND_MS, () => system.board.press(5 * SECOND_MS));
    },
  });
  const { world, board, log } = system;
  const said = () => log.filter((line) => line.includes("portal"));
  board.powerOn();
  expect(await until(system, () => said().length > 0)).toBe(true);
  expect(said()).toEqual([expect.stringContaining("not while an update is on trial")]);
  system.internet.reachability = "up";
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  board.press(5 * SECOND_MS);
  await world.run(world.nowMs + 20 * SECOND_MS);
  expect(said()).toContainEqual(expect.stringContaining("opens: press"));
});
