import { once } from "node:events";
import { readFileSync } from "node:fs";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { daysFromNow, OwnAuthority } from "../own-authority.ts";
import { makeFolder, start, tryStart } from "./started-server.ts";

async function authority(name = "garden"): Promise<OwnAuthority> {
  return new OwnAuthority(await makeFolder(), name).write();
}

/** What a client that trusts this authority is told; rejects where it trusts the server not. */
async function ask(url: string, ca: OwnAuthority, path = "/healthz") {
  const asked = request(`${url}${path}`, { ca: readFileSync(ca.caFile), agent: false }).end();
  const [answer] = await once(asked, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, text: Buffer.concat(chunks).toString() };
}

async function handshake(url: string, options: ConnectionOptions) {
  const { hostname, port } = new URL(url);
  const socket = connectTls({ host: hostname, port: Number(port), ...options });
  await once(socket, "secureConnect");
  const cipher = socket.getCipher().name;
  const names = socket.getPeerX509Certificate()?.subjectAltName;
  socket.destroy();
  return { cipher, names };
}

test("https and wss come on one port, and every URL handed out says so", async () => {
  const ca = await authority();
  const { url, publicUrl, notices } = await start({ tls: await ca.issue() });
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(publicUrl).toBe(url);
  expect(notices).toHaveLength(1);
  expect(await ask(url, ca)).toMatchObject({ status: 200 });
  const discovery = JSON.parse((await ask(url, ca, "/v1/discovery/dev1")).text);
  expect(discovery.api_base).toBe(url);
  expect(discovery.signal_ws).toMatch(/^wss:\/\/127\.0\.0\.1:/);

  const socket = new WebSocket(discovery.signal_ws, { ca: readFileSync(ca.caFile) });
  const [greeting] = await once(socket, "message");
  expect(JSON.parse(String(greeting))).toMatchObject({ message: "connected", deviceId: "dev1" });
  socket.close();
});

test("a client that knows another authority does not trust it", async () => {
  const { url } = await start({ tls: await (await authority()).issue() });
  await expect(ask(url, await authority("stranger"))).rejects.toThrow(/self-signed|signature/);
});

/** As Moddable's TLS 1.2 offers them, in its order. */
const FEEDER_CIPHERS = [
  "AES128-SHA:AES256-SHA:AES128-SHA256:AES256-SHA256",
  "DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:DHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256",
].join(":");

test("a feeder's TLS gets GCM, and what is older than TLS 1.2 or only CBC gets nothing", async () => {
  const ca = await authority();
  const { url } = await start({ tls: await ca.issue() });
  const trusted = { ca: readFileSync(ca.caFile), maxVersion: "TLSv1.2" } as const;
  const feeder = await handshake(url, { ...trusted, ciphers: FEEDER_CIPHERS });
  expect(feeder.cipher).toBe("ECDHE-RSA-AES128-GCM-SHA256");
  const cbc = FEEDER_CIPHERS.split(":").filter((name) => !name.includes("GCM"));
  await expect(handshake(url, { ...trusted, ciphers: cbc.join(":") })).rejects.toThrow(/handshake/);
  const old = { ...trusted, minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
  await expect(handshake(url, { ...old, ciphers: "ALL@SECLEVEL=0" })).rejects.toThrow(/version/);
});

test("who speaks no TLS is hung up on, and others are served", async () => {
  const ca = await authority();
  const { url } = await start({ tls: await ca.issue() });
  const plain = connect(Number(new URL(url).port), "127.0.0.1");
  plain.on("error", () => {}).write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(plain.resume(), "close");
  expect(await ask(url, ca)).toMatchObject({ status: 200 });
});

test.each([
  ["no such file", "tls_file_unreadable", (files: Files) => rm(files.certFile)],
  ["a file that is no certificate", "tls_file_invalid", (files: Files) => spoil(files.certFile)],
  [
    "a broken one behind the first",
    "tls_file_invalid",
    ({ certFile }: Files) => appendFile(certFile, BROKEN_CERTIFICATE),
  ],
  ["a file that is no key", "tls_file_invalid", (files: Files) => spoil(files.keyFile)],
])("%s is a reason not to start", async (_, reason, breakIt) => {
  const tls = await (await authority()).issue();
  await breakIt(tls);
  expect((await tryStart({ tls })).started).toMatchObject({ kind: "failed", reason });
});

interface Files {
  readonly certFile: string;
  readonly keyFile: string;
}

const BROKEN_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

function spoil(file: string): Promise<void> {
  return writeFile(file, "nothing of the kind");
}

test("the key of another certificate is a reason not to start, and so is an end in the past", async () => {
  const ca = await authority();
  const { certFile } = await ca.issue();
  const { keyFile } = await (await authority("other")).issue();
  expect((await tryStart({ tls: { certFile, keyFile } })).started).toMatchObject({
    reason: "tls_key_mismatch",
  });
  const tls = await ca.issue(["127.0.0.1"], daysFromNow(-100, -1));
  expect((await tryStart({ tls })).started).toMatchObject({ reason: "tls_certificate_expired" });
});

test("what clients will refuse, now or soon, is said at the start", async () => {
  const ca = await authority();
  const soon = await start({ tls: await ca.issue(["127.0.0.1"], daysFromNow(-9, 29.5)) });
  expect(soon.notices).toContainEqual(expect.stringMatching(/ends on .*, in 29 days/));
  const elsewhere = await start({ tls: await ca.issue(["feeder.local"]) });
  expect(elsewhere.notices).toContainEqual(expect.stringContaining("not for 127.0.0.1"));
  const alone = await start({ tls: await ca.issue(["127.0.0.1"], daysFromNow(-9, 300), false) });
  expect(alone.notices).toContainEqual(expect.stringContaining("feeders refuse one alone"));
});

test("a renewed certificate is served without a restart; a spoilt one is not", async () => {
  const ca = await authority();
  const tls = await ca.issue();
  const { url, notices, mqtt } = await start({ tls, mqtt: { listenTls: "127.0.0.1:0" } });
  const served = async (at = url) => (await handshake(at, { rejectUnauthorized: false })).names;
  const told = (text: string) =>
    vi.waitFor(() => expect(notices.join("\n")).toContain(text), { timeout: 10_000 });
  await spoil(tls.certFile);
  await told("stays as it was");
  expect(await served()).toBe("IP Address:127.0.0.1");
  await ca.issue(["127.0.0.1", "feeder.local"]);
  await told("Another certificate");
  expect(await served()).toBe("IP Address:127.0.0.1, DNS:feeder.local");
  expect(await served(mqtt?.url("127.0.0.1"))).toBe("IP Address:127.0.0.1, DNS:feeder.local");
});
