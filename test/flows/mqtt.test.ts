import { expect, test } from "vitest";
import {
  encodePacket,
  PACKET,
  PacketStream,
  prefixed,
} from "../../host-sim/embedded/mqtt-packets.ts";
import { lastHeartbeat } from "../../host-sim/invariants/feeder-health.ts";
import { auditRoom } from "../../host-sim/invariants/room-audit.ts";
import type { SocketPeer } from "../../host-sim/network/internet.ts";
import { fromOctets, toOctets } from "../../host-sim/network/octets.ts";
import { STARTED_AT_MS } from "../../host-sim/stage.ts";
import { startEnrolment } from "./enrolment-world.ts";
import { HOUR_MS, MINUTE_MS } from "./system.ts";

const ID = "feeder-1";
const STATUS = `skyfeeder/${ID}/status`;
const nvs = { "skyfeeder/transport": "mqtt" };

const OPEN = { closedServer: false, nvs } as const;

test("a feeder that was let in shows the broker its token, and is on no relay", async () => {
  const { stage, world, server, approve, trace } = await startEnrolment({ broker: true, nvs });
  await world.run(2 * MINUTE_MS);
  await approve();
  await world.run(10 * MINUTE_MS);
  expect(server.retained.get(STATUS)).toContain('"online"');
  expect(lastHeartbeat(stage, ID)?.payload.mqttFallback).toBeUndefined();
  expect(trace.filter((line) => line.includes(` ws/${ID} `))).toEqual([]);
});

test("without a broker a feeder goes by the relay and says so, and by the broker once there is one", async () => {
  const { stage, world, server, log } = await startEnrolment(OPEN);
  await world.run(5 * MINUTE_MS);
  expect(lastHeartbeat(stage, ID)?.payload.mqttFallback).toBe("no_mqtt_url");
  expect(log.join("\n")).toContain("by the relay, not MQTT: no_mqtt_url");
  server.hasBroker = true;
  server.crash("killed");
  await server.start();
  await world.run(HOUR_MS + MINUTE_MS);
  expect(server.retained.get(STATUS)).toContain('"online"');
  await world.run(HOUR_MS + 3 * MINUTE_MS);
  const { payload, atMs = 0 } = lastHeartbeat(stage, ID) ?? {};
  expect(payload?.mqttFallback).toBeUndefined();
  expect(world.nowMs - atMs).toBeLessThan(2 * MINUTE_MS);
});

test("a feeder of the relay goes to the broker and back as its settings change", async () => {
  const { stage, world, trace } = await startEnrolment({ closedServer: false, broker: true });
  /** How often it is heard on the relay in the two minutes behind it. */
  const set = async (sessionTransport: "relay" | "mqtt") => {
    const init = { method: "PUT", body: JSON.stringify({ sessionTransport }) };
    expect((await stage.server.ask(`/v1/devices/${ID}/config`, init)).status).toBe(200);
    await world.run(world.nowMs + 3 * MINUTE_MS);
    const { reported } = await (await stage.server.ask(`/v1/devices/${ID}/config`)).json();
    expect(reported).toMatchObject({ status: "applied" });
    const before = trace.length;
    await world.run(world.nowMs + 2 * MINUTE_MS);
    expect(world.nowMs - (lastHeartbeat(stage, ID)?.atMs ?? 0)).toBeLessThan(MINUTE_MS + 1_000);
    return trace.slice(before).filter((line) => line.includes(` ws/${ID} >`)).length;
  };
  await world.run(2 * MINUTE_MS);
  expect(await set("mqtt")).toBe(0);
  expect(await set("relay")).toBe(2);
});

test("a feeder that is set to the relay no longer says why it is not on a broker, and stays connected", async () => {
  const { stage, world, log } = await startEnrolment(OPEN);
  await world.run(2 * MINUTE_MS);
  expect(lastHeartbeat(stage, ID)?.payload.mqttFallback).toBe("no_mqtt_url");
  const init = { method: "PUT", body: JSON.stringify({ sessionTransport: "relay" }) };
  expect((await stage.server.ask(`/v1/devices/${ID}/config`, init)).status).toBe(200);
  await world.run(5 * MINUTE_MS);
  expect(lastHeartbeat(stage, ID)?.payload.mqttFallback).toBeUndefined();
  const online = () => log.filter((line) => line.includes("session: online")).length;
  const before = online();
  await world.run(2 * HOUR_MS);
  expect(online()).toBe(before);
});

const WELCOME = encodePacket(PACKET.connack, 0, Uint8Array.of(0, 0));
const BAD_PASSWORD = encodePacket(PACKET.connack, 0, Uint8Array.of(0, 4));
const GRANTED = encodePacket(PACKET.suback, 0, Uint8Array.of(0, 1, 1));
const REFUSED = encodePacket(PACKET.suback, 0, Uint8Array.of(0, 1, 0x80));
const HTTP = fromOctets("HTTP/1.1 400 Bad Request\r\n\r\n");

/** What it answers to a packet of each kind, and why the feeder says that the connection ended. */
const BAD_BROKERS: readonly [string, Readonly<Record<number, Uint8Array>>, string][] = [
  ["says nothing", {}, "connect_timeout"],
  ["refuses everybody", { [PACKET.connect]: BAD_PASSWORD }, "connect_failed"],
  [
    "grants no subscription",
    { [PACKET.connect]: WELCOME, [PACKET.subscribe]: REFUSED },
    "subscription_refused",
  ],
  ["passes nothing on", { [PACKET.connect]: WELCOME, [PACKET.subscribe]: GRANTED }, "closed"],
  ["speaks another protocol", { [PACKET.connect]: HTTP }, "connect_timeout"],
];

test.each(BAD_BROKERS)("a broker that %s strands nobody", async (_how, answers, reason) => {
  const { stage, world, server, photos, board, log } = await startEnrolment({
    ...OPEN,
    broker: true,
  });
  const tries: number[] = [];
  Object.assign(server, {
    acceptMqtt(peer: SocketPeer) {
      tries.push(world.nowMs);
      const packets = new PacketStream();
      peer.opened();
      const send = (octets: string): void => {
        for (const { type } of packets.push(fromOctets(octets))) {
          const answer = answers[type];
          if (answer !== undefined) peer.message(toOctets(answer));
        }
      };
      return { send, close: () => {} };
    },
  });
  world.after(10 * MINUTE_MS, () => board.visit(5_000, 120));
  await world.run(12 * MINUTE_MS);
  expect(tries).toHaveLength(3);
  const ends = log.filter((line) => line.includes(`session: closed: ${reason}`));
  expect(ends).toHaveLength(3);
  expect(lastHeartbeat(stage, ID)?.payload.mqttFallback).toBe("mqtt_unreachable");
  expect(await photos()).toBe(1);
  expect(auditRoom(ID, server.heard)).toBeUndefined();
});

test("what came together while the broker was away leaves in order, though it is more than the socket holds", async () => {
  const { stage, world, server, board } = await startEnrolment({ ...OPEN, broker: true });
  await world.run(MINUTE_MS);
  stage.internet.breakSockets();
  stage.internet.reachability = "refused";
  for (let visit = 1; visit <= 7; visit++) {
    world.after(visit * MINUTE_MS, () => board.visit(5_000, 120));
  }
  await world.run(10 * MINUTE_MS);
  stage.internet.reachability = "up";
  await world.run(40 * MINUTE_MS);
  const late = server.heard.filter(({ message: { ts } }) => {
    return typeof ts === "number" && ts < STARTED_AT_MS + 10 * MINUTE_MS;
  });
  expect(JSON.stringify(late).length).toBeGreaterThan(1.5 * 8_192);
  expect(late.filter(({ message }) => message.type === "event.visit")).toHaveLength(7);
  expect(auditRoom(ID, server.heard)).toBeUndefined();
});

test("a command that is too large is left out, and the one behind it is obeyed once", async () => {
  const { stage, world, server } = await startEnrolment({ ...OPEN, broker: true });
  const say = (text: string) => server.say(`skyfeeder/${ID}/cmd/ota`, text);
  await world.run(MINUTE_MS);
  // Of some the last segment would still fit behind the first ones, and make a whole of both.
  for (const length of [20_000, 20_500, 21_000]) {
    await say(JSON.stringify({ action: "restart", why: "x".repeat(length) }));
  }
  await world.run(2 * MINUTE_MS);
  expect(stage.boots).toHaveLength(1);
  await say('{"action":"restart"}');
  await world.run(10 * MINUTE_MS);
  expect(stage.boots).toHaveLength(2);
});

test("commands wait through a crash of the server for a feeder that is asleep, and its will tells of it", async () => {
  const { stage, world, server, board } = await startEnrolment({ ...OPEN, broker: true });
  await world.run(MINUTE_MS);
  board.sleep(HOUR_MS);
  await world.run(5 * MINUTE_MS);
  expect(server.retained.get(STATUS)).toContain('"offline"');
  await server.say(`skyfeeder/${ID}/cmd/ota`, '{"action":"restart"}');
  server.crash("power");
  await server.start();
  await world.run(HOUR_MS + 10 * MINUTE_MS);
  expect(stage.boots).toHaveLength(3);
  expect(server.retained.get(STATUS)).toContain('"online"');
});

/** Asked for discovery between both lines of the log: how often? */
function asksBetween(
  { log, requests }: Awaited<ReturnType<typeof startEnrolment>>,
  ...lines: readonly [string, string]
): number {
  const [fromMs = 0, untilMs = 0] = lines.map((text) =>
    Number.parseFloat(log.find((line) => line.includes(text)) ?? ""),
  );
  const ask = `GET /v1/discovery/${ID}`;
  return requests(ask, fromMs) - requests(ask, untilMs);
}

test("settings that a broker has kept are tried on a connection of their own", async () => {
  const garden = await startEnrolment({ ...OPEN, broker: true });
  const { stage, world, board } = garden;
  await world.run(MINUTE_MS);
  board.sleep(HOUR_MS);
  await world.run(5 * MINUTE_MS);
  const init = { method: "PUT", body: JSON.stringify({ connectTimeoutSeconds: 10 }) };
  expect((await stage.server.ask(`/v1/devices/${ID}/config`, init)).status).toBe(200);
  await world.run(HOUR_MS + 2 * MINUTE_MS);
  expect(asksBetween(garden, "config: 1 trial", "config: 1 applied")).toBe(1);
});

test("also when they come in one piece with the answer to the subscription", async () => {
  const garden = await startEnrolment({ ...OPEN, broker: true });
  const topic = prefixed(Buffer.from(`skyfeeder/${ID}/cmd/config`));
  const settings = Buffer.from('{"version":1,"settings":{"clipSeconds":1}}');
  const kept = encodePacket(PACKET.publish, 0, Buffer.concat([topic, settings]));
  Object.assign(garden.server, {
    acceptMqtt(peer: SocketPeer) {
      const packets = new PacketStream();
      peer.opened();
      const send = (octets: string): void => {
        for (const { type } of packets.push(fromOctets(octets))) {
          if (type === PACKET.connect) peer.message(toOctets(WELCOME));
          if (type !== PACKET.subscribe) continue;
          peer.message(toOctets(new Uint8Array(Buffer.concat([kept, GRANTED]))));
        }
      };
      return { send, close: () => {} };
    },
  });
  await garden.world.run(MINUTE_MS);
  expect(asksBetween(garden, "config: 1 trial", "config: 1 applied")).toBe(1);
});
