import { describe, expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { HOME_WIFI } from "../../host-sim/network/home-wifi.ts";
import { SERVER_URL } from "../../host-sim/stage.ts";
import { BARE_ID, startDesk } from "./improv-world.ts";

const { ssid, passphrase } = HOME_WIFI;
const WRONG = "not-the-passphrase";
const NEW = "since-the-new-router";
const OLD = { wifi: undefined, ssid, password: passphrase };
/** As baked into the image, or given before. */
const WITH_SERVER = { "skyfeeder/serverUrl": SERVER_URL };
const READY = 2;
const PROVISIONED = 4;
const REFUSED = "UNABLE_TO_CONNECT";

describe("a bare feeder and the real improv-wifi-serial-sdk", () => {
  test("say who is there, what is heard, what was wrong, and where to go on", async () => {
    const { client, when, heartbeats, world, runFor } = await startDesk({
      nvs: WITH_SERVER,
    });
    const info = await when(client.initialize());
    expect(info).toMatchObject({ firmware: "SkyFeeder", chipFamily: "ESP32", name: BARE_ID });
    expect(client.state).toBe(READY);
    expect(await when(client.scan())).toEqual([
      { name: "garden", rssi: -58, secured: true },
      { name: "Nachbar ü", rssi: -71, secured: true },
      { name: "orchard-guest", rssi: -75, secured: false },
    ]);
    await expect(when(client.provision(ssid, WRONG))).rejects.toBe(REFUSED);
    expect(client.state).toBe(READY);
    expect(await when(client.setDeviceName("Am Häuschen"))).toBe("Am Häuschen");
    await when(client.provision(ssid, passphrase));
    expect(client.state).toBe(PROVISIONED);
    expect(client.nextUrl).toBe("http://server.test/fleet");
    const fromMs = world.nowMs;
    await runFor(30 * SECOND_MS);
    expect(heartbeats(fromMs)).not.toEqual([]);
    await when(client.requestInfo());
    expect(client.info?.name).toBe("Am Häuschen");
    expect(await when(client.requestNetworkState())).toMatchObject({
      ...{ online: true, supportsWifi: true, urls: ["http://server.test/fleet"] },
    });
  });

  test("another name, given while it runs, is what the server calls it a minute later", async () => {
    const { client, when, stage, runFor } = await startDesk({ bare: false, nvs: WITH_SERVER });
    await runFor(MINUTE_MS);
    const nameThere = async () =>
      (await (await stage.server.ask("/v1/devices")).json()).devices[0].name;
    expect(await nameThere()).toBeNull();
    await when(client.initialize());
    for (const name of ["Am Häuschen", "Apple tree"]) {
      expect(await when(client.setDeviceName(name))).toBe(name);
      await runFor(MINUTE_MS);
      expect(await nameThere()).toBe(name);
    }
  });

  test("who comes while it looks for what its page shows is told the same", async () => {
    const { client, when, log } = await startDesk({ cameAtMs: SECOND_MS });
    await when(client.initialize());
    const heard = when(client.scan());
    expect(log.join()).not.toContain("portal: join");
    expect(await heard).toHaveLength(3);
  });

  test("find each other also when the board has closed its own network, for nobody came", async () => {
    const { client, when, board, runFor, heartbeats } = await startDesk({
      ...{ nvs: WITH_SERVER, cameAtMs: 12 * MINUTE_MS },
    });
    expect(board.radio.softAp.ssid).toBeUndefined();
    await when(client.initialize());
    expect(await when(client.scan())).toHaveLength(3);
    await when(client.provision(ssid, passphrase));
    await runFor(30 * SECOND_MS);
    expect(heartbeats()).not.toEqual([]);
  });

  test("are not cut off when the board is about to close its own network", async () => {
    const { client, when, log, runFor, world } = await startDesk({ cameAtMs: 9 * MINUTE_MS });
    await when(client.initialize());
    const opened = Number.parseFloat(log.find((line) => line.includes("portal: join")) ?? "");
    await runFor(opened + 10 * MINUTE_MS - SECOND_MS - world.nowMs);
    await when(client.provision(ssid, passphrase));
    expect(client.state).toBe(PROVISIONED);
    expect(log.join()).toContain("nobody came");
  });

  test.each([
    ["a network that nobody hears", "attic", passphrase],
    ["one that leases no address", "orchard-guest", ""],
  ])("%s is refused in time, and the next one is joined", async (_, name, password) => {
    const { client, when } = await startDesk();
    await when(client.initialize());
    await expect(when(client.provision(name, password))).rejects.toBe(REFUSED);
    await when(client.provision(ssid, passphrase));
    expect(client.state).toBe(PROVISIONED);
  });

  test("find the networks beside a board that joins another in vain", async () => {
    const { client, when, board, world, runFor } = await startDesk({
      bare: false,
      nvs: { "skyfeeder/password": WRONG },
    });
    board.radio.station.leavesAfterEvents = true;
    await when(client.initialize());
    // The first try ends after four seconds, the next begins ten later.
    await runFor(16 * SECOND_MS - world.nowMs);
    expect(await when(client.scan())).toHaveLength(3);
  });

  test("find each other in the noise of a starting board, and in safe mode", async () => {
    const { client, when, board, log } = await startDesk({
      bare: false,
      nvs: { "skyfeeder/safeMode": "commanded" },
    });
    expect(log.some((line) => line.includes("in safe mode"))).toBe(true);
    board.reset("software");
    await when(client.initialize(10 * SECOND_MS));
    await when(client.provision(ssid, passphrase));
    expect(client.state).toBe(PROVISIONED);
  });
});

describe("a feeder that has a network", () => {
  test("says so, and goes back to it when another does not let it in", async () => {
    const { client, when, world, runFor, heartbeats, kept } = await startDesk({ bare: false });
    await when(client.initialize());
    expect([client.state, client.nextUrl]).toEqual([PROVISIONED, "http://server.test/fleet"]);
    const triedAtMs = world.nowMs;
    await expect(when(client.provision(ssid, WRONG))).rejects.toBe(REFUSED);
    expect(world.nowMs - triedAtMs).toBeLessThan(30 * SECOND_MS);
    expect(client.state).toBe(PROVISIONED);
    await runFor(2 * MINUTE_MS);
    expect(heartbeats(triedAtMs + 30 * SECOND_MS)).not.toEqual([]);
    expect(kept()).toEqual(OLD);
  });

  test("still answers where its server's address is too long for a packet", async () => {
    const { client, when } = await startDesk({
      ...{ bare: false, nvs: { "skyfeeder/serverUrl": `${SERVER_URL}/${"x".repeat(100)}` } },
    });
    expect(await when(client.initialize())).toMatchObject({ name: BARE_ID });
    expect([client.state, client.nextUrl]).toEqual([PROVISIONED, undefined]);
    expect(await when(client.scan())).toHaveLength(3);
  });

  test("listens for others without leaving its own", async () => {
    const { client, when, world, runFor, heartbeats, log } = await startDesk({ bare: false });
    await when(client.initialize());
    await runFor(MINUTE_MS);
    const lines = log.length;
    expect(await when(client.scan())).toHaveLength(3);
    await runFor(2 * MINUTE_MS);
    expect(log.slice(lines)).toEqual([]);
    expect(heartbeats(world.nowMs - 2 * MINUTE_MS).length).toBeGreaterThanOrEqual(2);
  });
});

test("a passphrase, right or wrong, is in no line of the log, the cable and the trace", async () => {
  const desk = await startDesk({ bare: false });
  const { client, when, runFor, internet, log, trace, cable, kept } = desk;
  internet.homeWifi = { ssid, passphrase: NEW };
  await when(client.initialize());
  await expect(when(client.provision(ssid, WRONG))).rejects.toBe(REFUSED);
  await when(client.provision(ssid, NEW));
  await runFor(2 * MINUTE_MS);
  expect(kept()).toEqual({
    wifi: JSON.stringify({ ssid, password: NEW }),
    ssid: undefined,
    password: undefined,
  });
  expect(log.length).toBeGreaterThan(4);
  const said = [...log, ...trace, cable()].join("\n");
  for (const secret of [passphrase, WRONG, NEW]) expect(said).not.toContain(secret);
});

describe("power that goes while a network is changed", () => {
  /** Writing the new one and deleting both halves of the old, then the next start's. */
  const OPERATIONS = 4;
  const cuts = Array.from({ length: OPERATIONS }, (_, index) => index + 1).flatMap((operation) =>
    (["before", "torn", "after"] as const).map((phase) => ({ operation, phase })),
  );

  test.each(cuts)("operation $operation, $phase: the old or the new, whole", async (cut) => {
    const { client, when, runFor, internet, board, world, kept } = await startDesk({ bare: false });
    await when(client.initialize());
    internet.homeWifi = { ssid, passphrase: NEW };
    const operation = board.flash.operations + cut.operation;
    board.flash.cutPower({ ...cut, operation, random: world.random("cut") });
    let isCut = false;
    board.powerCut = () => {
      isCut = true;
    };
    const asked = client.provision(ssid, NEW);
    asked.catch(() => {});
    for (let waits = 0; waits < 30 && !isCut; waits++) await runFor(SECOND_MS);
    expect(isCut).toBe(true);
    board.powerOn();
    await runFor(SECOND_MS);
    const { wifi, ...old } = kept();
    if (wifi === undefined) expect(kept()).toEqual(OLD);
    else expect(JSON.parse(wifi)).toEqual({ ssid, password: NEW });
    // The old password may outlive the power, but not in the company of another name.
    expect([ssid, undefined]).toContain(old.ssid);
    internet.homeWifi = { ssid, passphrase: wifi === undefined ? passphrase : NEW };
    await runFor(20 * SECOND_MS);
    expect(board.radio.reaches()).toBe(true);
  });
});
