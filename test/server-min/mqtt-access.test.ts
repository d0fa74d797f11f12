import type { Packet } from "mqtt";
import { expect, test } from "vitest";
import { closeOf } from "./mqtt-client.ts";
import { openBroker } from "./mqtt-fixture.ts";

const REFUSED = 128;

test.each([
  ["nobody", undefined],
  ["a user without password", "feeder-1"],
  ["another device's password", "feeder-1 token2"],
  ["a user nobody knows", "constructor token"],
])("%s is not let in", async (_, user) => {
  const { join } = await openBroker();
  await expect(join(user ?? "")).rejects.toThrow(/bad user name|Bad username/i);
});

test.each([
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/#"],
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/ota"],
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/+"],
  ["viewer one", "skyfeeder/feeder-1/event/#"],
  ["viewer one", "skyfeeder/feeder-1/event/+"],
  ["viewer one", "skyfeeder/feeder-1/status"],
  ["viewer all", "skyfeeder/+/event/#"],
  ["viewer all", "skyfeeder/+/status"],
  ["viewer all", "skyfeeder/feeder-2/event/visit"],
  ["admin key", "skyfeeder/#"],
  ["admin key", "skyfeeder/+/+/+"],
])("%s may subscribe to %s", async (user, filter) => {
  const { join } = await openBroker();
  const { mqtt } = await join(user);
  expect(await mqtt.subscribeAsync(filter, { qos: 1 })).toMatchObject([{ qos: 1 }]);
});

test.each([
  ["feeder-1 token", "#"],
  ["feeder-1 token", "+/feeder-1/cmd/ota"],
  ["feeder-1 token", "skyfeeder/#"],
  ["feeder-1 token", "skyfeeder/+/cmd/#"],
  ["feeder-1 token", "skyfeeder/feeder-1/#"],
  ["feeder-1 token", "skyfeeder/feeder-1/+/ota"],
  ["feeder-1 token", "skyfeeder/feeder-1/+"],
  ["feeder-1 token", "skyfeeder/feeder-2/cmd/#"],
  ["feeder-1 token", "skyfeeder/feeder-1/event/#"],
  ["feeder-1 token", "skyfeeder/feeder-1"],
  ["feeder-1 token", "skyfeeder//feeder-1/cmd/#"],
  ["feeder-1 token", "/skyfeeder/feeder-1/cmd/#"],
  ["feeder-1 token", "SKYFEEDER/feeder-1/cmd/#"],
  ["feeder-1 token", "skyfeeder/FEEDER-1/cmd/#"],
  ["feeder-1 token", "$SYS/#"],
  ["feeder-1 token", "$share/group/skyfeeder/feeder-1/cmd/#"],
  // A fullwidth hash, a zero-width joiner, a Cyrillic letter, what a bad byte is read as.
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/\uff03"],
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/o\u200dta"],
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/\u043eta"],
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/\ufffd"],
  ["feeder-1 token", `skyfeeder/feeder-1/cmd/${"x".repeat(200)}`],
  ["viewer one", "skyfeeder/feeder-2/event/#"],
  ["viewer one", "skyfeeder/+/event/#"],
  ["viewer one", "skyfeeder/feeder-1/cmd/#"],
  ["viewer one", "skyfeeder/feeder-1/#"],
  ["viewer all", "skyfeeder/+/cmd/#"],
  ["viewer all", "skyfeeder/+/+/#"],
  ["viewer all", "skyfeeder/#"],
  ["admin key", "#"],
  ["admin key", "+/#"],
  ["admin key", "$SYS/#"],
])("%s may not subscribe to %s", async (user, filter) => {
  const { join, rooms } = await openBroker();
  const { mqtt, taken, next } = await join(user);
  const kind = user.startsWith("feeder") ? "cmd" : "event";
  const mark = `skyfeeder/feeder-1/${kind}/mark`;
  await mqtt.subscribeAsync(mark);
  await mqtt.subscribeAsync(filter).catch(() => undefined);
  for (const deviceId of ["feeder-1", "feeder-2"]) {
    rooms.publish(deviceId, { type: "cmd.ota" });
    rooms.publish(deviceId, { type: "event.visit" });
  }
  rooms.publish("feeder-1", { type: `${kind}.mark` });
  await next(mark);
  expect(taken()).toEqual([]);
});

test("of several filters those that are refused are said to be", async () => {
  const { join } = await openBroker();
  const { mqtt } = await join("feeder-1 token");
  const acked = new Promise((received) => mqtt.once("packetreceive", received));
  mqtt.subscribe(["skyfeeder/feeder-1/cmd/#", "skyfeeder/feeder-2/cmd/#"], () => {});
  expect(await acked).toMatchObject({ cmd: "suback", granted: [0, REFUSED] });
});

test("nothing waits for a session on a topic that it was refused", async () => {
  const { join, rooms, sql } = await openBroker();
  const { mqtt } = await join("feeder-1 token", { clientId: "sleeper", clean: false });
  const filters = ["skyfeeder/feeder-1/cmd/#", "skyfeeder/feeder-2/cmd/#"];
  await mqtt.subscribeAsync(filters, { qos: 1 }).catch(() => undefined);
  await mqtt.endAsync();
  for (const deviceId of ["feeder-2", "feeder-1"]) rooms.publish(deviceId, { type: "cmd.ota" });
  await (await join("admin key")).send("skyfeeder/feeder-1/cmd/mark", {});
  const waiting = await sql.selectFrom("mqtt_queue").select("topic").execute();
  expect(waiting.map(({ topic }) => topic)).toEqual([
    "skyfeeder/feeder-1/cmd/ota",
    "skyfeeder/feeder-1/cmd/mark",
  ]);
});

test.each([
  ["feeder-1 token", "skyfeeder/feeder-2/event/visit"],
  ["feeder-1 token", "skyfeeder/feeder-2/status"],
  ["feeder-1 token", "skyfeeder/feeder-1/cmd/ota"],
  ["feeder-1 token", "skyfeeder/feeder-1/event/a/b"],
  ["feeder-1 token", "skyfeeder/feeder-1/event/"],
  ["feeder-1 token", "skyfeeder/feeder-1/event/\u043eta"],
  ["feeder-1 token", "$SYS/taken"],
  ["feeder-1 token", "skyfeeder/_servers/x/relayed"],
  ["viewer all", "skyfeeder/feeder-1/event/visit"],
  ["viewer all", "skyfeeder/feeder-1/cmd/ota"],
  ["admin key", "elsewhere/feeder-1/cmd/ota"],
])("%s is cut off for publishing to %s", async (user, topic) => {
  const { join, mqtt: broker } = await openBroker();
  const admin = await join("admin key");
  await admin.mqtt.subscribeAsync("skyfeeder/#");
  const { mqtt } = await join(user);
  const closed = closeOf(mqtt);
  mqtt.publish(topic, "{}", { qos: 1 });
  await closed;
  expect(broker.counters().refused).toBe(1);
  const other = await join("admin key");
  await other.send("skyfeeder/mark/event/mark", {});
  await admin.next("skyfeeder/mark/event/mark");
  expect(admin.taken()).toEqual([]);
});

test("a will on the topic of somebody else is not published", async () => {
  const { join, rooms } = await openBroker();
  const admin = await join("admin key");
  await admin.mqtt.subscribeAsync("skyfeeder/#");
  const will = {
    topic: "skyfeeder/feeder-2/status",
    payload: Buffer.from("online"),
    qos: 1,
  } as const;
  const { mqtt } = await join("feeder-1 token", { will });
  const closed = closeOf(mqtt);
  mqtt.stream.destroy();
  await closed;
  await admin.send("skyfeeder/mark/event/mark", {});
  await admin.next("skyfeeder/mark/event/mark");
  expect(admin.taken()).toEqual([]);
  expect(rooms.hasFeeder("feeder-2")).toBe(false);
});

test("the session of one device is not another's, whatever name it takes", async () => {
  const { join, rooms } = await openBroker();
  const options = { clientId: "shared-name", clean: false };
  const owner = await join("feeder-1 token", options);
  await owner.mqtt.subscribeAsync("skyfeeder/feeder-1/cmd/#", { qos: 1 });
  await owner.mqtt.endAsync();
  rooms.publish("feeder-1", { type: "cmd.photo" });
  const thief = await join("feeder-2 token", options);
  const again = await join("feeder-1 token", options);
  await again.next("skyfeeder/feeder-1/cmd/photo");
  expect(thief.mqtt.connected).toBe(true);
  expect(thief.taken()).toEqual([]);
});

test("a token that is revoked ends the connection within a minute", async () => {
  const { join, users, clock } = await openBroker();
  const { mqtt } = await join("feeder-1 token");
  const other = await join("feeder-2 token");
  users.delete("feeder-1 token");
  const closed = closeOf(mqtt);
  clock.advance(60_000);
  await closed;
  expect(other.mqtt.connected).toBe(true);
});

test("a session has so many filters at most, however often its client comes back for more", async () => {
  const broker = await openBroker();
  const granted: number[] = [];
  for (const visit of [1, 2, 3]) {
    const options = { clientId: "collector", clean: false };
    const { mqtt } = await broker.join("feeder-1 token", options);
    const names = Array.from({ length: 40 }, (_, n) => `skyfeeder/feeder-1/cmd/v${visit}-${n}`);
    const acked = new Promise<Packet>((received) => mqtt.once("packetreceive", received));
    mqtt.subscribe(names, { qos: 1 }, () => {});
    const answer = await acked;
    const codes = answer.cmd === "suback" ? answer.granted : [];
    granted.push(codes.filter((code) => code === 1).length);
    await mqtt.endAsync();
  }
  expect(granted).toEqual([40, 24, 0]);
});
