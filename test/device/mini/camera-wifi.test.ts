/** The camera's own way to the server: networks, and uploads by them. */
import { expect, test } from "vitest";
import type { FeederByHand } from "./feeder-by-hand.ts";
import { describeCamera, JOIN, UPLOAD } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera } from "./met-camera.ts";
import { STILLS } from "./pictures-folder.ts";

const [FIRST] = STILLS as readonly [Buffer, Buffer, Buffer];
const NETWORK = ["garden", "birds and more birds"];
const URL = "http://feeder.example:8080/fput/abc";
const UPLOAD_ORDER = { op: "upload", id: 1, url: URL, headers: [["Authorization", "Bearer abc"]] };
/** As a bucket wants them. */
const BUCKET_HEADERS = [
  [
    "Authorization",
    `AWS4-HMAC-SHA256 Credential=key/20260501/us-east-1/s3/aws4_request, Signature=${"a".repeat(64)}`,
  ],
  ["X-Amz-Date", "20260501T120000Z"],
  ["X-Amz-Content-Sha256", "0".repeat(64)],
  ["X-Amz-Meta-Sha256", "0".repeat(64)],
];

async function stage(feeder: FeederByHand, ssid: string, passphrase: string): Promise<unknown> {
  feeder.line.records.length = 0;
  await feeder.order("command", { op: "wifi_stage", ssid, passphrase });
  if (feeder.line.records.length === 0) return feeder.answered("result");
  expect(feeder.line.records).toEqual([{ kind: "join", ssid, passphrase }]);
  await feeder.line.tell("join", [JOIN.joined]);
  return feeder.answered("result");
}

async function wifi(feeder: FeederByHand): Promise<unknown> {
  await feeder.order("command", { op: "status" });
  return ((await feeder.answered("result")) as { wifi: string }).wifi;
}

describeCamera("the camera's Wi-Fi", () => {
  endCamerasAfterEach();

  test("tries a network, keeps it when told to, and has it again after deep sleep", async () => {
    const { line, feeder } = await meetCamera();
    expect(await wifi(feeder)).toBe("none");
    expect(await stage(feeder, "garden", "12345678")).toEqual({ op: "wifi_stage", ok: true });
    expect(await wifi(feeder)).toBe("staged");
    await feeder.order("command", { op: "wifi_commit" });
    expect(await feeder.answered("result")).toEqual({ op: "wifi_commit", ok: true });
    expect(line.records).toContainEqual({ kind: "store", ssid: "garden", passphrase: "12345678" });
    expect(await wifi(feeder)).toBe("ready");
    const again = await meetCamera({ network: ["garden", "12345678"] });
    expect(await wifi(again.feeder)).toBe("ready");
  });

  test("says wifi in every hello from the commit on", async () => {
    const { line, feeder } = await meetCamera();
    await stage(feeder, "garden", "12345678");
    await feeder.order("command", { op: "wifi_commit" });
    await feeder.answered("result");
    await feeder.hello({ bootId: "13-0a1b2c3d-2" });
    const hello = JSON.parse((await line.nextOfType("hello")).payload.toString());
    expect(hello.capabilities).toEqual(["still", "clip", "wifi"]);
  });

  test("keeps the network it has when another is not in reach", async () => {
    const { line, feeder } = await meetCamera({ network: NETWORK });
    await feeder.order("command", { op: "wifi_stage", ssid: "far", passphrase: "" });
    await line.tell("join", [JOIN.failed]);
    const failed = { op: "wifi_stage", ok: false, reason: "join_failed" };
    expect(await feeder.answered("result")).toEqual(failed);
    await feeder.order("command", { op: "wifi_commit" });
    expect(await feeder.answered("result")).toMatchObject({ ok: false, reason: "no_stage" });
    expect(await wifi(feeder)).toBe("ready");
  });

  test("tries one network at a time", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "wifi_stage", ssid: "garden", passphrase: "" });
    await feeder.order("command", { op: "wifi_stage", ssid: "other", passphrase: "" });
    const busy = { op: "wifi_stage", ok: false, reason: "busy" };
    expect(await feeder.answered("result")).toEqual(busy);
    expect(line.records).toEqual([{ kind: "join", ssid: "garden", passphrase: "" }]);
  });

  test("drops a stage that is aborted, or that nobody commits within a minute", async () => {
    const { line, feeder } = await meetCamera();
    await stage(feeder, "garden", "");
    await feeder.order("command", { op: "wifi_abort" });
    expect(await feeder.answered("result")).toEqual({ op: "wifi_abort", ok: true });
    expect(await wifi(feeder)).toBe("none");
    await stage(feeder, "garden", "");
    const stagedMs = line.nowMs;
    await line.advance(stagedMs + 59_000);
    expect(await wifi(feeder)).toBe("staged");
    await line.advance(stagedMs + 60_100);
    expect(await wifi(feeder)).toBe("none");
  });

  test.each([
    ["", "12345678", "ssid_length"],
    ["x".repeat(33), "12345678", "ssid_length"],
    ["\u00e9".repeat(17), "12345678", "ssid_length"],
    ["a\0b", "12345678", "ssid_length"],
    ["garden", "1234567", "passphrase_length"],
    ["garden", "x".repeat(64), "passphrase_length"],
    ["garden", "x".repeat(65), "passphrase_length"],
    ["garden", "\u20ac".repeat(22), "passphrase_length"],
  ])("refuses the network %j with %j: %s", async (ssid, passphrase, reason) => {
    const { feeder } = await meetCamera();
    const refused = { op: "wifi_stage", ok: false, reason };
    expect(await stage(feeder, ssid, passphrase)).toEqual(refused);
  });

  test.each([
    ["x".repeat(32), ""],
    ["\u00e9".repeat(16), "12345678"],
    ["garden", "x".repeat(63)],
    ["garden", "\u20ac".repeat(21)],
    ["garden", "0123456789abcdef".repeat(4)],
    ['"\\\u0001', "\u{1f426}".repeat(15)],
  ])("takes the network %j with %j", async (ssid, passphrase) => {
    const { feeder } = await meetCamera();
    expect(await stage(feeder, ssid, passphrase)).toEqual({ op: "wifi_stage", ok: true });
  });

  test("uploads an object to the very URL, with the very headers", async () => {
    const { line, feeder } = await holdStill({ network: NETWORK });
    line.records.length = 0;
    await feeder.order("command", {
      ...UPLOAD_ORDER,
      headers: [...BUCKET_HEADERS, ["content-length", "5"], ["Content-Type", "image/jpeg"]],
    });
    const headers = [...BUCKET_HEADERS, ["Content-Type", "image/jpeg"]];
    expect(line.records).toEqual([{ kind: "upload", url: URL, headers, body: FIRST }]);
    await line.tell("upload", [UPLOAD.stored, 204, 0]);
    expect(await feeder.answered("result")).toEqual({ op: "upload", id: 1, ok: true, status: 204 });
    await feeder.order("command", { op: "sleep" });
    expect(await feeder.answered("result")).toMatchObject({ reason: "busy" });
  });

  test.each([
    [2, 403, { reason: "refused", status: 403 }],
    [3, 0, { reason: "closed" }],
    [4, 0, { reason: "timeout" }],
    [5, 0, { reason: "connect_failed" }],
    [6, 0, { reason: "join_failed" }],
    [7, 0, { reason: "bad_url" }],
  ])("says how an upload ended: outcome %i", async (outcome, status, said) => {
    const { line, feeder } = await holdStill({ network: NETWORK });
    await feeder.order("command", UPLOAD_ORDER);
    await line.tell("upload", [outcome, status & 0xff, status >> 8]);
    expect(await feeder.answered("result")).toEqual({ op: "upload", id: 1, ok: false, ...said });
  });

  test.each([
    ["an object it does not hold", { id: 2 }, { id: 2, reason: "no_object" }],
    ["an id of more than 32 bits", { id: 4_294_967_297 }, { id: undefined, reason: "no_object" }],
    ["an id above 65535", { id: 65_537 }, { id: 65_537, reason: "no_object" }],
    ["https", { url: "https://feeder.example/" }, { reason: "bad_url" }],
    ["a URL without a host", { url: "http:///x" }, { reason: "bad_url" }],
    ["a port that is none", { url: "http://a:65536/" }, { reason: "bad_url" }],
    ["a port of no digits", { url: "http://a:/" }, { reason: "bad_url" }],
    ["credentials in the URL", { url: "http://me:pw@a/" }, { reason: "bad_url" }],
    ["a space in the URL", { url: "http://a/b c" }, { reason: "bad_url" }],
    ["a fragment in the URL", { url: "http://a/b#c" }, { reason: "bad_url" }],
    ["a second line in the URL", { url: "http://a/\r\nX: y" }, { reason: "bad_url" }],
    ["a host of 254 bytes", { url: `http://${"a".repeat(254)}/` }, { reason: "bad_url" }],
    ["a second line in a header", { headers: [["X", "a\r\nY: b"]] }, { reason: "bad_url" }],
    ["a colon in a header's name", { headers: [["X: y", "z"]] }, { reason: "bad_url" }],
    ["a header without a name", { headers: [["", "z"]] }, { reason: "bad_url" }],
    ["a header without a value", { headers: [["X"]] }, { reason: "bad_url" }],
    ["headers that are no list", { headers: "X: y" }, { reason: "bad_url" }],
    ["nine headers", { headers: Array(9).fill(["X", "y"]) }, { reason: "bad_url" }],
  ])("refuses to upload %s", async (_, fields, said) => {
    const { line, feeder } = await holdStill({ network: NETWORK });
    line.records.length = 0;
    await feeder.order("command", { ...UPLOAD_ORDER, ...fields });
    const refused = { op: "upload", id: 1, ok: false, ...said };
    expect(await feeder.answered("result")).toEqual(refused);
    expect(line.records).toEqual([]);
  });

  test("has no upload without a network, and one at a time with one", async () => {
    const without = await holdStill();
    await without.feeder.order("command", UPLOAD_ORDER);
    expect(await without.feeder.answered("result")).toMatchObject({ reason: "no_wifi" });
    const { feeder } = await holdStill({ network: NETWORK });
    await feeder.order("command", UPLOAD_ORDER);
    await feeder.order("command", UPLOAD_ORDER);
    const busy = { op: "upload", id: 1, ok: false, reason: "busy" };
    expect(await feeder.answered("result")).toEqual(busy);
    const joining = await holdStill({ network: NETWORK });
    await joining.feeder.order("command", { op: "wifi_stage", ssid: "other", passphrase: "" });
    await joining.feeder.order("command", UPLOAD_ORDER);
    expect(await joining.feeder.answered("result")).toEqual(busy);
    const stageBusy = { op: "wifi_stage", ok: false, reason: "busy" };
    expect(await stage(feeder, "garden", "")).toEqual(stageBusy);
  });

  test("stops the upload of an object that is done with, and can upload the next", async () => {
    const { line, feeder } = await holdStill({ network: NETWORK });
    await feeder.order("command", { op: "photo", captureId: "next" });
    await feeder.answered("offer");
    await feeder.order("command", UPLOAD_ORDER);
    await feeder.order("done", { id: 1 });
    const closed = { op: "upload", id: 1, ok: false, reason: "closed" };
    expect(await feeder.answered("result")).toEqual(closed);
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    expect(await feeder.answered("cancel")).toEqual({ id: 1 });
    await feeder.order("command", { ...UPLOAD_ORDER, id: 2 });
    expect(await feeder.answered("result")).toMatchObject({ id: 2, reason: "busy" });
    // What became of the first: nobody asks any more.
    await line.tell("upload", [UPLOAD.stored, 200, 0]);
    await feeder.order("command", { ...UPLOAD_ORDER, id: 2 });
    await line.tell("upload", [UPLOAD.stored, 201, 0]);
    const stored = { op: "upload", id: 2, ok: true, status: 201 };
    expect(await feeder.answered("result")).toEqual(stored);
    await feeder.order("done", { id: 2 });
    await feeder.order("command", { op: "sleep" });
    expect(await feeder.answered("result")).toEqual({ op: "sleep", ok: true });
  });
});
