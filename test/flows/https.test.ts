import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { bakedCa } from "../../cli/firmware/baked-cas.ts";
import { FeederBoard } from "../../host-sim/board/board.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { Internet } from "../../host-sim/network/internet.ts";
import { overSockets } from "../../host-sim/network/over-sockets.ts";
import { CameraBoard } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import { World } from "../../host-sim/world.ts";
import { daysFromNow, OwnAuthority } from "../own-authority.ts";
import { makeFolder, start } from "../server-min/started-server.ts";
import { drawnPictures } from "./pictures.ts";

/** So the feeder has no better idea of the time than when its authority began. */
const LONG_AGO_MS = 0;

/** A feeder in real time whose firmware knows these authorities, and what its world's trace says. */
async function feederOf(
  url: string,
  authorities: readonly OwnAuthority[],
  nvs: Readonly<Record<string, string>> = {},
) {
  const traced: string[] = [];
  let seen: (line: string) => void = () => {};
  const watchTrace = (line: string) => {
    traced.push(line);
    seen(line);
  };
  const world = new World({ seed: 1, pace: "real", startedAtMs: Date.now(), watchTrace });
  const internet = new Internet(world, overSockets(url, url));
  const view = { still: drawnPictures() };
  const camera = new CameraBoard(world, "dev1", { internet, view, firmware: cameraProgram });
  const cas = authorities.map(({ caFile }) =>
    bakedCa(new X509Certificate(readFileSync(caFile)), LONG_AGO_MS),
  );
  const feeder = new FeederBoard(world, internet, camera, {
    deviceId: "dev1",
    serverUrl: url,
    firmware: await bundleFirmware({ config: { caCertificates: cas.join(" ") } }),
    engine: nodeEngine,
    nvs,
  });
  /** Runs until a line of the trace says it. */
  const until = async (text: string) => {
    seen = (line) => line.includes(text) && world.stop();
    feeder.powerOn();
    world.after(0, () => feeder.visit(5_000, 120));
    // Ends when it says so.
    await world.run(60_000);
    feeder.powerOff();
    return traced.filter((line) => line.includes(text));
  };
  return { feeder, until };
}

async function authority(name: string): Promise<OwnAuthority> {
  return new OwnAuthority(await makeFolder(), name).write();
}

test("a feeder uploads a photo to a server that its own authority vouches for", async () => {
  const ca = await authority("garden");
  const { url, app } = await start({ tls: await ca.issue() });
  expect(url).toMatch(/^https:/);
  const { feeder, until } = await feederOf(url, [ca]);
  expect(await until('"status":"success"')).toHaveLength(1);
  const days = await app.fetch(new Request(`${url}/v1/days/dev1`));
  expect(await days.json()).toMatchObject({ days: [{ count: 1 }] });
  // After the next loss of power it knows at least the day.
  expect(Number(feeder.nvs.get("skyfeeder/knownTime"))).toBeCloseTo(Date.now() / 1_000, -3);
}, 120_000);

test("and goes by the server's broker with the same trust", async () => {
  const ca = await authority("garden");
  const { url, mqtt } = await start({
    tls: await ca.issue(),
    mqtt: { listenTls: "127.0.0.1:0" },
  });
  expect(mqtt?.url("127.0.0.1")).toMatch(/^mqtts:/);
  const { until } = await feederOf(url, [ca], { "skyfeeder/transport": "mqtt" });
  const [success] = await until('"status":"success"');
  expect(success).toMatch(/ mqtt\/dev1 > .*skyfeeder\/dev1\/event\/upload_status/);
}, 120_000);

test("firmware that knows two authorities is content with a server of either", async () => {
  const [first, second] = [await authority("first"), await authority("second")];
  const { url } = await start({ tls: await second.issue() });
  const { until } = await feederOf(url, [first, second]);
  expect(await until('"status":"success"')).toHaveLength(1);
}, 120_000);

/** A server that is not ours, and whether anybody ever asked it for anything. */
async function impostor(tls: { readonly certFile: string; readonly keyFile: string }) {
  const asked: string[] = [];
  const [cert, key] = [readFileSync(tls.certFile), readFileSync(tls.keyFile)];
  const server = createServer({ cert, key }, ({ url = "" }, answer) => {
    asked.push(url);
    answer.end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const HEARD_TODAY = { "skyfeeder/knownTime": String(Math.floor(Date.now() / 1_000)) };

test.each([
  ["another authority", "authority", async () => (await authority("stranger")).issue()],
  ["another name", "name", (ca: OwnAuthority) => ca.issue(["feeder.local", "127.0.0.2"])],
  ["an end in the past", "dates", (ca: OwnAuthority) => ca.issue(HERE, daysFromNow(-9, -1))],
  ["a beginning to come", "dates", (ca: OwnAuthority) => ca.issue(HERE, daysFromNow(1, 9))],
  ["nobody behind it", "alone", (ca: OwnAuthority) => ca.issue(HERE, daysFromNow(-9, 9), false)],
])(
  "a certificate with %s is refused, and nothing is sent",
  async (_, why, issue) => {
    const ca = await authority("garden");
    const { url, asked } = await impostor(await issue(ca));
    const { until } = await feederOf(url, [ca], HEARD_TODAY);
    expect(await until("certificate refused")).toEqual([
      expect.stringContaining(`127.0.0.1: certificate refused, ${why}`),
    ]);
    expect(asked).toEqual([]);
  },
  120_000,
);

const HERE = ["127.0.0.1"] as const;

test("firmware without an authority of its own trusts no private one", async () => {
  const { url, asked } = await impostor(await (await authority("garden")).issue());
  const { until } = await feederOf(url, []);
  expect(await until("certificate refused")).toHaveLength(1);
  expect(asked).toEqual([]);
}, 120_000);
