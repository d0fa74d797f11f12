import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { OwnAuthority } from "../own-authority.ts";
import { ask, enrol, PASSWORD } from "./identity/closed-server.ts";
import { joinBroker } from "./mqtt-client.ts";
import { makeFolder, start, tryStart } from "./started-server.ts";

const FREE = "127.0.0.1:0";

async function authority(): Promise<OwnAuthority> {
  return new OwnAuthority(await makeFolder(), "garden").write();
}

test("with TLS the broker shows the server's certificate, and asks who is there as without", async () => {
  const ca = await authority();
  const mqtt = { listen: FREE, listenTls: FREE };
  const server = await start({ tls: await ca.issue(), adminPassword: PASSWORD, mqtt });
  const url = server.mqtt?.url("127.0.0.1") ?? "";
  expect(url).toMatch(/^mqtts:\/\/127\.0\.0\.1:\d+$/);
  const password = await enrol(server, "feeder-1");
  const discovery = await ask(server, "GET /v1/discovery/feeder-1", { token: password });
  expect(discovery.body.mqtt_url).toBe(url);

  const trusted = { ca: readFileSync(ca.caFile), username: "feeder-1" };
  const device = await joinBroker(url, { ...trusted, password });
  const granted = await device.mqtt.subscribeAsync("skyfeeder/feeder-1/cmd/#", { qos: 1 });
  expect(granted).toMatchObject([{ qos: 1 }]);
  await expect(joinBroker(url, { ...trusted, password: "guessed" })).rejects.toThrow(
    /Bad username/,
  );
  const stranger = readFileSync((await authority()).caFile);
  await expect(joinBroker(url, { ...trusted, password, ca: stranger })).rejects.toThrow(
    /self-signed|signature/,
  );
});

test("who speaks no TLS there is hung up on, and a handshake under way holds up no stop", async () => {
  const ca = await authority();
  const server = await start({ tls: await ca.issue(), mqtt: { listenTls: FREE } });
  const port = Number(new URL(server.mqtt?.url("127.0.0.1") ?? "").port);
  const plain = connect(port, "127.0.0.1").on("error", () => {});
  plain.write(Buffer.from("101000044d5154540402003c000473706172", "hex"));
  await once(plain.resume(), "close");

  const silent = connect(port, "127.0.0.1").on("error", () => {});
  await once(silent, "connect");
  const cut = once(silent.resume(), "close");
  await joinBroker(`mqtts://127.0.0.1:${port}`, { ca: readFileSync(ca.caFile) });
  await server.close();
  await cut;
});

test.each([
  ["nobody is told of another broker than the server's own way to it", undefined],
  ["devices are told of another broker where it says how they reach it", "mqtts://broker.example"],
])("%s", async (_, publicUrl) => {
  const server = await start({ mqtt: { url: "mqtt://127.0.0.1:9", publicUrl } });
  const discovery = await ask(server, "GET /v1/discovery/feeder-1");
  expect(discovery.body.mqtt_url).toBe(publicUrl);
});

test("a broker that is to have TLS does not start without a certificate", async () => {
  const { started } = await tryStart({ mqtt: { listenTls: FREE } });
  expect(started).toMatchObject({ kind: "failed", reason: "mqtt_tls_missing", detail: FREE });
});

test("a port that is taken is told", async () => {
  const ca = await authority();
  const tls = await ca.issue();
  const first = await start({ tls, mqtt: { listenTls: FREE } });
  const listenTls = new URL(first.mqtt?.url("127.0.0.1") ?? "").host;
  const { started } = await tryStart({ tls, mqtt: { listen: FREE, listenTls } });
  expect(started).toMatchObject({ kind: "failed", reason: "mqtt_cannot_listen" });
});
