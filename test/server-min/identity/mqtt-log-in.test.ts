import { expect, test } from "vitest";
import { joinBroker } from "../mqtt-client.ts";
import { start } from "../started-server.ts";
import { ask, enrol, makeApiKey, PASSWORD } from "./closed-server.ts";

/** A server that asks its broker's clients for what its API asks of them. */
async function openClosedBroker() {
  const server = await start({ adminPassword: PASSWORD, mqtt: { listen: "127.0.0.1:0" } });
  const url = server.mqtt?.url("127.0.0.1") ?? "";
  const join = (username: string, password: string) => joinBroker(url, { username, password });
  return { server, join, url };
}

test("a device, an operator and a viewer log in to the broker with what they have for the API", async () => {
  const { server, join } = await openClosedBroker();
  const key = await makeApiKey(server, "doorbell");
  const deviceToken = await enrol(server, "feeder-1");
  const viewer = await ask(server, "POST /v1/viewer-token", { token: key });

  const device = await join("feeder-1", deviceToken);
  const admin = await join("admin", key);
  const named = await join("doorbell", key);
  const watcher = await join("viewer", String(viewer.body.token));
  await device.mqtt.subscribeAsync("skyfeeder/feeder-1/cmd/#", { qos: 1 });
  await watcher.mqtt.subscribeAsync("skyfeeder/+/event/#", { qos: 1 });
  await device.send("skyfeeder/feeder-1/event/visit", { captureId: "c1" });
  expect(await watcher.next("skyfeeder/feeder-1/event/visit")).toMatchObject({ captureId: "c1" });
  await admin.send("skyfeeder/feeder-1/cmd/photo", { from: "admin" });
  await named.send("skyfeeder/feeder-1/cmd/photo", { from: "doorbell" });
  for (const from of ["admin", "doorbell"]) {
    expect(await device.next("skyfeeder/feeder-1/cmd/photo")).toMatchObject({ from });
  }
});

test("what an operator says on the broker is in the audit log, what a device says is not", async () => {
  const { server, join } = await openClosedBroker();
  const key = await makeApiKey(server, "doorbell");
  const device = await join("feeder-1", await enrol(server, "feeder-1"));
  await device.send("skyfeeder/feeder-1/event/visit", { captureId: "c1" });
  const operator = await join("admin", key);
  await operator.send("skyfeeder/feeder-1/cmd/ota", { action: "restart" });
  await operator.send("skyfeeder/feeder-1/event/visit", { captureId: "x".repeat(9_000) });
  const { body } = await ask(server, "GET /v1/audit?limit=3", { token: key });
  expect(body.entries).toMatchObject([
    {
      ...{ who: "doorbell", action: "publish", target: "skyfeeder/feeder-1/event/visit" },
      after: { payload: expect.stringMatching(/^.{1000}$/) },
    },
    {
      ...{ who: "doorbell", action: "publish", target: "skyfeeder/feeder-1/cmd/ota" },
      after: { payload: '{"action":"restart"}' },
    },
    { action: "approve_device" },
  ]);
});

test("nobody logs in under another's name, with another's token or with none", async () => {
  const { server, join, url } = await openClosedBroker();
  const key = await makeApiKey(server, "doorbell");
  const token = await enrol(server, "feeder-1");
  for (const [username, password] of [
    ["feeder-2", token],
    ["admin", token],
    ["viewer", token],
    ["feeder-1", key],
    ["viewer", key],
    ["admin", PASSWORD],
    ["feeder-1", `${token}x`],
    ["feeder-1", ""],
  ] as const) {
    await expect(join(username, password)).rejects.toThrow(/bad user name|Bad username/i);
  }
  await expect(joinBroker(url)).rejects.toThrow(/bad user name|Bad username/i);
});
