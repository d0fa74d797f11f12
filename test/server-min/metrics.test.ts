import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { TestServer } from "./server-fixture.ts";
import {
  FEEDER,
  getJson,
  joinAs,
  NOON_MS,
  openServer,
  PHOTO,
  postJson,
  presign,
  put,
  storePhoto,
  VIEWER,
} from "./server-fixture.ts";
import { start } from "./started-server.ts";

/** The samples by name and labels. */
async function scrape(server: Pick<TestServer, "app">): Promise<ReadonlyMap<string, number>> {
  const text = await (await server.app.request("/metrics")).text();
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** Of the samples with this name, what is in their braces. */
function labelsOf(samples: ReadonlyMap<string, number>, name: string): string[] {
  return [...samples.keys()]
    .filter((sample) => sample.startsWith(`${name}{`))
    .map((sample) => sample.slice(name.length + 1, -1));
}

test("uploads count by what became of them", async () => {
  const server = openServer();
  await storePhoto(server);
  await put(server, await presign(server, { captureId: "c2", size: 9 }));
  await server.app.request("/fput/forged", { method: "PUT", body: PHOTO });
  const samples = await scrape(server);
  expect(Object.fromEntries(samples)).toMatchObject({
    'skyfeeder_uploads_total{outcome="stored"}': 1,
    'skyfeeder_uploads_total{outcome="body_too_large"}': 1,
    'skyfeeder_uploads_total{outcome="upload_token_invalid"}': 1,
    skyfeeder_upload_bytes_total: PHOTO.length,
    'skyfeeder_upload_duration_seconds_count{outcome="stored"}': 1,
    'skyfeeder_upload_duration_seconds_count{outcome="refused"}': 2,
    'skyfeeder_storage_objects{kind="photos"}': 1,
    'skyfeeder_storage_bytes{kind="photos"}': PHOTO.length,
  });
});

test("an upload is timed from its head to its answer", async () => {
  const server = openServer();
  const grant = await presign(server);
  const body = new ReadableStream({
    pull(controller) {
      server.clock.advance(3_000);
      controller.enqueue(PHOTO);
      controller.close();
    },
  });
  expect(await put(server, grant, body, { "Content-Length": `${PHOTO.length}` })).toMatchObject({
    status: 200,
  });
  expect(Object.fromEntries(await scrape(server))).toMatchObject({
    'skyfeeder_upload_duration_seconds_sum{outcome="stored"}': 3,
    'skyfeeder_http_request_duration_seconds_sum{route="/fput/:token",method="PUT"}': 3,
  });
});

test("what is stored is added up once a minute at most", async () => {
  const server = openServer();
  const stored = async () => (await scrape(server)).get('skyfeeder_storage_objects{kind="photos"}');
  await storePhoto(server);
  expect(await stored()).toBe(1);
  await storePhoto(server, { captureId: "c2" });
  expect(await stored()).toBe(1);
  server.clock.advance(60_000);
  expect(await stored()).toBe(2);
});

test("devices: when they were last heard, and what they tell of themselves", async () => {
  const server = openServer();
  await getJson(server, "/v1/discovery/feeder-2");
  server.clock.advance(5_000);
  await getJson(server, "/v1/discovery/feeder-1");
  const feeder = joinAs(server, FEEDER);
  joinAs(server, VIEWER);
  const payload = { rssi: -61, power: { volts: 3.92 } };
  feeder.receive(JSON.stringify({ type: "event.telemetry", payload }));
  const seen = "skyfeeder_device_last_seen_timestamp_seconds";
  expect(Object.fromEntries(await scrape(server))).toMatchObject({
    'skyfeeder_devices{state="online"}': 1,
    'skyfeeder_devices{state="offline"}': 1,
    [`${seen}{device="feeder-1"}`]: NOON_MS / 1000 + 5,
    [`${seen}{device="feeder-2"}`]: NOON_MS / 1000,
    'skyfeeder_device_rssi_dbm{device="feeder-1"}': -61,
    'skyfeeder_device_battery_volts{device="feeder-1"}': 3.92,
    skyfeeder_relay_viewers: 1,
    skyfeeder_relay_clients: 2,
    skyfeeder_relay_messages_total: 1,
  });
});

test("a thousand devices have a series each, the ones heard last", async () => {
  const server = openServer();
  const names = Array.from({ length: 1_001 }, (_, index) => `feeder-${index}`);
  for (const name of names) {
    server.clock.advance(1);
    await getJson(server, `/v1/discovery/${name}`);
  }
  const labels = labelsOf(await scrape(server), "skyfeeder_device_last_seen_timestamp_seconds");
  expect(labels).toHaveLength(1_000);
  expect(labels).not.toContain('device="feeder-0"');
});

test("requests count by the pattern of their route, whatever a client asks for", async () => {
  const server = openServer();
  await getJson(server, "/v1/discovery/feeder-1");
  await getJson(server, "/v1/discovery/feeder-2");
  await getJson(server, "/v1/discovery/no%20id");
  await postJson(server, "/v1/discovery/feeder-1", {});
  for (const path of ["/nope/1", "/nope/2"]) await getJson(server, path);
  await server.app.request("/healthz", { method: "BREW" });
  const samples = await scrape(server);
  const count = (labels: string) => samples.get(`skyfeeder_http_requests_total{${labels}}`);
  expect(count('route="/v1/discovery/:deviceId",method="GET",status="2xx"')).toBe(2);
  expect(count('route="/v1/discovery/:deviceId",method="GET",status="4xx"')).toBe(1);
  expect(count('route="/v1/discovery/:deviceId",method="POST",status="4xx"')).toBe(1);
  expect(count('route="/*",method="GET",status="4xx"')).toBe(2);
  expect(count('route="/healthz",method="other",status="4xx"')).toBe(1);
  expect(labelsOf(samples, "skyfeeder_http_requests_total")).toHaveLength(5);
});

/** CI must have it; a machine without it leaves this one out. */
const PROMTOOL = spawnSync("promtool", ["--version"]).error === undefined;

test.skipIf(!PROMTOOL && process.env.CI === undefined)(
  "promtool finds nothing to say about a server's metrics, those of its process among them",
  async () => {
    const server = await start();
    await fetch(`${server.url}/healthz`);
    const scraped = await fetch(`${server.url}/metrics`);
    expect(scraped.headers.get("Content-Type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const input = await scraped.text();
    expect(input).toMatch(/^process_resident_memory_bytes \d/m);
    expect(input).toMatch(/^skyfeeder_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
    const checked = spawnSync("promtool", ["check", "metrics"], { input, encoding: "utf8" });
    expect(`${checked.stdout}${checked.stderr}`).toBe("");
    expect(checked.status).toBe(0);
  },
);
