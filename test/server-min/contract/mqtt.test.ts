import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { joinRoom } from "../room-client.ts";
import { openServers, SETUPS } from "./brokers.ts";

const FEEDER = { role: "feeder", deviceId: "feeder-1" } as const;
const STATUS = "skyfeeder/feeder-1/status";
const VISIT = { captureId: "c1", trigger: "pir" };

describe.each(SETUPS)("$name", (setup) => {
  test("a command published to the broker reaches a feeder on the relay, once", async () => {
    const { last, tool, heardByViewers } = await openServers(setup);
    const feeder = await joinRoom(last, FEEDER);
    await tool.next(STATUS);
    await tool.send("skyfeeder/feeder-1/cmd/ota", { action: "restart" });
    expect(await feeder.until("cmd.ota")).toMatchObject([
      { type: "cmd.ota", payload: { action: "restart" }, deviceId: "feeder-1" },
    ]);
    for (const heard of await heardByViewers()) {
      expect(heard).toMatchObject([{ type: "cmd.ota", payload: { action: "restart" } }]);
    }
    expect(tool.taken(/feeder-1\/cmd/)).toHaveLength(1);
    feeder.send({ type: "ping" });
    expect(await feeder.until("pong")).toMatchObject([{ type: "event.mark1" }, { type: "pong" }]);
  });

  test("a feeder whose token is revoked is sent away from whichever server it is at", async () => {
    const { first, last, tool } = await openServers(setup);
    const feeder = await joinRoom(first, FEEDER);
    await tool.next(STATUS);
    const token = `${last.url}/v1/devices/feeder-1/token`;
    expect((await fetch(token, { method: "POST" })).status).toBe(201);
    const closed = once(feeder.socket, "close");
    expect((await fetch(token, { method: "DELETE" })).status).toBe(204);
    expect((await closed).map(String)).toEqual(["1008", "token_revoked"]);
  });

  test("an event of a feeder on the relay is heard once everywhere, under one id", async () => {
    const { first, servers, tool, heardByViewers } = await openServers(setup);
    const feeder = await joinRoom(first, FEEDER);
    const event = { type: "event.visit", payload: VISIT, bootId: "b1", seq: 1, ts: 1234 };
    feeder.send(event);
    feeder.send(event);
    const published = await tool.next("skyfeeder/feeder-1/event/visit");
    const { eventId } = published;
    expect(published).toEqual({
      ...VISIT,
      bootId: "b1",
      seq: 1,
      ts: 1234,
      deviceId: "feeder-1",
      eventId,
    });
    await feeder.until("ack");
    await feeder.until("ack");
    feeder.send({ type: "event.note", payload: { unnumbered: true } });
    await tool.next("skyfeeder/feeder-1/event/note");
    const expected = { ...event, deviceId: "feeder-1", eventId };
    const note = { type: "event.note", payload: { unnumbered: true } };
    for (const heard of await heardByViewers()) expect(heard).toMatchObject([expected, note]);
    expect(tool.taken(/event\/(visit|note)/)).toEqual([]);
    for (const { url } of servers) {
      const answer = await fetch(`${url}/v1/events?deviceId=feeder-1`);
      expect((await answer.json()).events.slice(0, 1)).toEqual([expected]);
    }
  });

  test("an event of a device on the broker is in its room once, however often it is sent", async () => {
    const { tool, join, heardByViewers } = await openServers(setup);
    const device = await join("feeder-1");
    await device.mqtt.subscribeAsync("skyfeeder/feeder-1/cmd/#", { qos: 1 });
    for (const seq of [1, 1, 2]) {
      await device.send("skyfeeder/feeder-1/event/visit", { ...VISIT, bootId: "b1", seq });
      expect(await device.next("skyfeeder/feeder-1/cmd/ack")).toMatchObject({ bootId: "b1", seq });
    }
    const told = { type: "event.visit", payload: VISIT, bootId: "b1", deviceId: "feeder-1" };
    const heard = await heardByViewers();
    for (const one of heard)
      expect(one).toMatchObject([
        { ...told, seq: 1 },
        { ...told, seq: 2 },
      ]);
    expect(heard.at(-1)).toEqual(heard[0]);
    expect(await tool.next("skyfeeder/feeder-1/event/visit")).toMatchObject({ seq: 1 });
  });

  test("an event that the room has is known again when it comes by the broker", async () => {
    const { first, tool, join, heardByViewers } = await openServers(setup);
    const feeder = await joinRoom(first, FEEDER);
    feeder.send({ type: "event.visit", payload: VISIT, bootId: "b1", seq: 1 });
    await tool.next("skyfeeder/feeder-1/event/visit");
    const [before] = await heardByViewers();
    expect(before).toHaveLength(1);
    const device = await join("feeder-1");
    await device.mqtt.subscribeAsync("skyfeeder/feeder-1/cmd/#", { qos: 1 });
    await device.send("skyfeeder/feeder-1/event/visit", { ...VISIT, bootId: "b1", seq: 1 });
    await device.next("skyfeeder/feeder-1/cmd/ack");
    for (const heard of await heardByViewers()) expect(heard).toEqual([]);
  });

  test("the status is retained, and follows the room", async () => {
    const { first, servers, tool, join, heardByViewers } = await openServers(setup);
    const feeder = await joinRoom(first, FEEDER);
    expect(await tool.next(STATUS)).toMatchObject({ status: "online", deviceId: "feeder-1" });
    await heardByViewers();
    for (const { rooms } of servers) expect(rooms.hasFeeder("feeder-1")).toBe(true);
    const late = await join("admin");
    await late.mqtt.subscribeAsync("skyfeeder/+/status");
    expect(await late.next(STATUS)).toMatchObject({ status: "online" });
    await feeder.leave();
    expect(await tool.next(STATUS)).toMatchObject({ status: "offline" });
    await heardByViewers();
    for (const { rooms } of servers) expect(rooms.hasFeeder("feeder-1")).toBe(false);
  });

  test("a device on the broker is online until its will says otherwise", async () => {
    const { servers, tool, join, heardByViewers } = await openServers(setup);
    const will = { topic: STATUS, payload: Buffer.from("offline"), qos: 1, retain: true } as const;
    const device = await join("feeder-1", { will });
    await device.send(STATUS, { status: "online" }, { retain: true });
    expect(JSON.stringify(await tool.next(STATUS))).toContain("online");
    await heardByViewers();
    for (const { rooms } of servers) expect(rooms.hasFeeder("feeder-1")).toBe(true);
    device.mqtt.stream.destroy();
    expect(JSON.stringify(await tool.next(STATUS))).toContain("offline");
    await heardByViewers();
    for (const { rooms } of servers) expect(rooms.hasFeeder("feeder-1")).toBe(false);
  });

  test("what an operator asks of a server reaches the feeder, wherever that is connected", async () => {
    const { first, last, tool, heardByViewers } = await openServers(setup);
    const feeder = await joinRoom(first, FEEDER);
    await heardByViewers();
    const body = JSON.stringify({ deviceId: "feeder-1", action: "restart" });
    const answer = await fetch(`${last.url}/v1/ota/command`, { method: "POST", body });
    expect(await answer.json()).toEqual({ deviceId: "feeder-1", delivered: true });
    expect((await feeder.until("cmd.ota")).at(-1)).toMatchObject({
      payload: { action: "restart" },
    });
    expect(await tool.next("skyfeeder/feeder-1/cmd/ota")).toMatchObject({ action: "restart" });
  });

  test("a command for a feeder that is away waits for it", async () => {
    const { first, tool, heardByViewers } = await openServers({ ...setup, processes: 1 });
    await tool.send("skyfeeder/feeder-1/cmd/photo", { quality: 1 });
    await tool.send("skyfeeder/feeder-1/cmd/photo", { quality: 2 });
    await heardByViewers();
    const feeder = await joinRoom(first, FEEDER);
    expect(await feeder.until("cmd.photo")).toMatchObject([{ payload: { quality: 2 } }]);
    await feeder.leave();
    const again = await joinRoom(first, FEEDER);
    await tool.next(STATUS);
    again.send({ type: "ping" });
    expect(await again.until("pong")).toHaveLength(1);
  });
});

const EXTERNAL = SETUPS.filter(({ name }) => name !== "the broker in the server");

// By its name it ranks last for feeder-1: it takes nothing in that the others are to hear of.
test.each(EXTERNAL)("feeders of a server that dies are offline ($name)", async (setup) => {
  const { servers, tool, join, heardByViewers } = await openServers(setup);
  const alive = "skyfeeder/_servers/0g6mpc/alive";
  const will = { topic: alive, payload: Buffer.alloc(0), qos: 1, retain: true } as const;
  const ghost = await join("skyfeeder", { will });
  await ghost.send(alive, "1", { retain: true });
  await ghost.send(STATUS, { status: "online", server: "0g6mpc" }, { retain: true });
  await tool.next(STATUS);
  await heardByViewers();
  for (const { rooms } of servers) expect(rooms.hasFeeder("feeder-1")).toBe(true);
  ghost.mqtt.stream.destroy();
  expect(await tool.next(STATUS)).toMatchObject({ status: "offline", deviceId: "feeder-1" });
  await heardByViewers();
  for (const { rooms } of servers) expect(rooms.hasFeeder("feeder-1")).toBe(false);
});
