import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { closeOf } from "./mqtt-client.ts";
import { openBroker } from "./mqtt-fixture.ts";

const SLEEPER = { clientId: "sleeper", clean: false };
const COMMANDS = "skyfeeder/feeder-1/cmd/#";
const PHOTO = "skyfeeder/feeder-1/cmd/photo";
const DAY_MS = 24 * 60 * 60 * 1000;

/** A device that has asked for its commands to be kept, and sleeps. */
async function fallAsleep(broker: Awaited<ReturnType<typeof openBroker>>) {
  const device = await broker.join("feeder-1 token", SLEEPER);
  await device.mqtt.subscribeAsync(COMMANDS, { qos: 1 });
  await device.mqtt.endAsync();
}

test("commands wait for a sleeping device, also through a restart of the server", async () => {
  const broker = await openBroker();
  await fallAsleep(broker);
  const admin = await broker.join("admin key");
  for (const quality of [1, 2, 3]) await admin.send(PHOTO, { quality }, { qos: 1 });
  await broker.close();
  const restarted = await openBroker({ sql: broker.sql });
  const device = await restarted.join("feeder-1 token", SLEEPER);
  for (const quality of [1, 2, 3]) expect(await device.next(PHOTO)).toMatchObject({ quality });
  await device.mqtt.endAsync();
  const again = await restarted.join("feeder-1 token", SLEEPER);
  await restarted.join("admin key").then((tool) => tool.send(PHOTO, { quality: 4 }));
  expect(await again.next(PHOTO)).toMatchObject({ quality: 4 });
  expect(again.taken()).toEqual([]);
});

test("a command is acknowledged once it would survive a crash, not before", async () => {
  const broker = await openBroker();
  await fallAsleep(broker);
  const admin = await broker.join("admin key");
  await admin.send(PHOTO, {}, { qos: 1 });
  const kept = await broker.sql.selectFrom("mqtt_queue").selectAll().execute();
  expect(kept).toMatchObject([{ topic: PHOTO }]);
});

test("of what waits the latest hundred of the last seven days are kept", async () => {
  const broker = await openBroker();
  await fallAsleep(broker);
  for (let number = 1; number <= 150; number += 1) {
    broker.rooms.publish("feeder-1", { type: "cmd.photo", payload: { number } });
  }
  const device = await broker.join("feeder-1 token", SLEEPER);
  for (let number = 51; number <= 150; number += 1) {
    expect(await device.next(PHOTO)).toMatchObject({ number });
  }
  await device.mqtt.endAsync();
  await broker.join("admin key").then((admin) => admin.send(PHOTO, { number: "late" }));
  broker.clock.advance(8 * DAY_MS);
  const late = await broker.join("feeder-1 token", SLEEPER);
  broker.rooms.publish("feeder-1", { type: "cmd.photo", payload: { number: "new" } });
  expect(await late.next(PHOTO)).toMatchObject({ number: "new" });
});

test("a device that starts clean is not told what waited", async () => {
  const broker = await openBroker();
  await fallAsleep(broker);
  broker.rooms.publish("feeder-1", { type: "cmd.photo" });
  const clean = await broker.join("feeder-1 token", { ...SLEEPER, clean: true });
  await clean.mqtt.subscribeAsync(COMMANDS, { qos: 1 });
  broker.rooms.publish("feeder-1", { type: "cmd.log" });
  await clean.next("skyfeeder/feeder-1/cmd/log");
  expect(clean.taken()).toEqual([]);
  expect(await broker.sql.selectFrom("mqtt_queue").selectAll().execute()).toEqual([]);
});

test("a ninth session of one device is refused, and sessions end after thirty days", async () => {
  const broker = await openBroker();
  const ask = async (clientId: string) => {
    const { mqtt } = await broker.join("feeder-1 token", { clientId, clean: false });
    const closed = closeOf(mqtt).then(() => "cut off");
    const asked = mqtt.subscribeAsync(COMMANDS, { qos: 1 }).then(() => "granted");
    return Promise.race([asked, closed]);
  };
  for (let name = 1; name <= 8; name += 1) expect(await ask(`s${name}`)).toBe("granted");
  expect(await ask("s9")).toBe("cut off");
  broker.clock.advance(31 * DAY_MS);
  await broker.close();
  const restarted = await openBroker({ sql: broker.sql });
  restarted.clock.advance(31 * DAY_MS);
  await restarted.close();
  const later = await openBroker({ sql: broker.sql });
  expect(later.bugs).toEqual([]);
});

test("a session whose client has been connected for more than thirty days goes on", async () => {
  const broker = await openBroker();
  const device = await broker.join("feeder-1 token", SLEEPER);
  await device.mqtt.subscribeAsync(COMMANDS, { qos: 1 });
  for (let day = 0; day < 31; day += 1) {
    broker.clock.advance(DAY_MS);
    // What the broker does once a minute is done before it answers.
    await device.send("skyfeeder/feeder-1/event/day", { day }, { qos: 1 });
  }
  await device.mqtt.endAsync();
  const admin = await broker.join("admin key");
  await admin.send(PHOTO, { quality: 5 }, { qos: 1 });
  await broker.close();
  const restarted = await openBroker({ sql: broker.sql });
  restarted.clock.advance(31 * DAY_MS);
  const again = await restarted.join("feeder-1 token", SLEEPER);
  expect(await again.next(PHOTO)).toMatchObject({ quality: 5 });
});

test.each(["x".repeat(129), "a\u0000b", "a\nb"])(
  "the client id %j is refused",
  async (clientId) => {
    const { join } = await openBroker();
    await expect(join("feeder-1 token", { clientId })).rejects.toThrow();
  },
);

test.each([0, 1, 2] as const)("an event of QoS %i is heard once", async (qos) => {
  const { join, rooms } = await openBroker();
  const heard: unknown[] = [];
  rooms.listen((_, message) => heard.push(message));
  const device = await join("feeder-1 token");
  await device.send("skyfeeder/feeder-1/event/visit", { captureId: "c1" }, { qos });
  await device.send("skyfeeder/feeder-1/event/visit", { captureId: "c2" }, { qos });
  await device.send("skyfeeder/feeder-1/event/end", {}, { qos: 1 });
  expect(heard).toMatchObject([
    { type: "event.visit", payload: { captureId: "c1" } },
    { type: "event.visit", payload: { captureId: "c2" } },
    { type: "event.end" },
  ]);
});

test("an event of QoS 2 that is sent again before it is released is heard once", async () => {
  const { join, rooms } = await openBroker();
  const device = await join("feeder-1 token");
  const topic = "skyfeeder/feeder-1/event/log";
  const numbered = Buffer.concat([text(topic), Buffer.from([0, 77]), Buffer.from("{}")]);
  const first = Buffer.concat([head(0x34, numbered.length), numbered]);
  const again = Buffer.concat([head(0x3c, numbered.length), numbered]);
  const received = () =>
    new Promise((done) => {
      device.mqtt.once("packetreceive", done);
    });
  for (const packet of [first, again]) {
    const answer = received();
    device.mqtt.stream.write(packet);
    expect(await answer).toMatchObject({ cmd: "pubrec", messageId: 77 });
  }
  expect(rooms.counters().messageCount).toBe(1);
});

/** A string as MQTT writes it. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
}

test.each([
  ["nothing", "", {}],
  ["no JSON", "hello", "hello"],
  ["a number", "42", 42],
  ["a list", "[1]", [1]],
  ["half an object", "{", "{"],
])("a payload that is %s becomes the message's", async (_, sent, payload) => {
  const { join, rooms } = await openBroker();
  const heard: unknown[] = [];
  rooms.listen((__, message) => heard.push(message));
  const device = await join("feeder-1 token");
  await device.send("skyfeeder/feeder-1/event/log", sent);
  expect(heard).toEqual([{ type: "event.log", payload }]);
});

test("an id or another device in a payload counts for nothing", async () => {
  const { join, rooms } = await openBroker();
  const device = await join("feeder-1 token");
  const sent = { deviceId: "feeder-2", eventId: "x-1", a: 1 };
  await device.send("skyfeeder/feeder-1/event/visit", sent);
  const { events } = rooms.recentEvents({ limit: 10, of: () => true });
  expect(events).toMatchObject([{ deviceId: "feeder-1", payload: { a: 1 } }]);
  expect(events[0]?.eventId).toMatch(/-1$/);
});

/** MQTT's head of a packet with a body of so many bytes. */
function head(type: number, bytes: number): Buffer {
  const length = [];
  for (let left = bytes; left > 0 || length.length === 0; left = Math.floor(left / 128)) {
    length.push((left % 128) + (left >= 128 ? 128 : 0));
  }
  return Buffer.from([type, ...length]);
}

test.each([
  ["a connect of 256 MB", Buffer.concat([head(0x10, 268_435_455), Buffer.alloc(100)])],
  ["a length without end", Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
  ["a packet before the connect", Buffer.from([0xc0, 0])],
  ["noise", randomBytes(4096)],
])("who sends %s is cut off, and others are served", async (_, bytes) => {
  const { url, join, bugs } = await openBroker();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const closed = once(socket, "close");
  socket.write(bytes);
  socket.resume();
  // What may be the head of something is only refused once its sender goes.
  socket.end();
  await closed;
  const device = await join("feeder-1 token");
  await device.send("skyfeeder/feeder-1/event/log", {});
  expect(bugs).toEqual([]);
});

test("a message of 64 KiB passes, a longer one cuts its sender off", async () => {
  const { join, rooms } = await openBroker();
  const device = await join("feeder-1 token");
  await device.send("skyfeeder/feeder-1/event/log", `"${"x".repeat(65_000)}"`);
  expect(rooms.counters().messageCount).toBe(1);
  const closed = closeOf(device.mqtt);
  device.mqtt.publish("skyfeeder/feeder-1/event/log", "x".repeat(70_000), { qos: 1 });
  await closed;
  expect(rooms.counters().messageCount).toBe(1);
});
