import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { skyfeeder } from "./running-command.ts";

const scratch = mkdtempSync(join(tmpdir(), "skyfeeder-cert-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const DAY_MS = 86_400_000;

async function cert(...args: string[]) {
  const end = await skyfeeder("cert", "--json", ...args);
  return { code: end.code, value: JSON.parse(end.stdout) };
}

function read(path: string): X509Certificate {
  return new X509Certificate(readFileSync(path));
}

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8" });
}

test("an authority and a certificate that OpenSSL and Node verify, for this machine's names", async () => {
  const out = join(scratch, "usual");
  const { code, value } = await cert("--out", out);
  expect(code).toBe(0);
  const { ca, certificate, key, hosts, pin } = value;
  for (const host of ["localhost", "127.0.0.1"]) {
    const by = /\d$/.test(host) ? "-verify_ip" : "-verify_hostname";
    const strictly = ["-x509_strict", "-purpose", "sslserver", by, host];
    expect(openssl("verify", ...strictly, "-CAfile", ca, certificate)).toContain(": OK");
  }
  const name = hostname()
    .toLowerCase()
    .replace(/\.local$/, "");
  expect(hosts).toEqual(expect.arrayContaining([name, `${name}.local`]));
  const [authority, server] = [read(ca), read(certificate)];
  expect([authority.ca, server.ca]).toEqual([true, false]);
  expect(server.checkIssued(authority)).toBe(true);
  expect(server.verify(authority.publicKey)).toBe(true);
  expect(server.checkHost(`${name}.local`)).toBe(`${name}.local`);
  expect(server.checkHost("elsewhere.example")).toBeUndefined();
  // Feeders compare no name with a certificate that comes without its authority's.
  expect(readFileSync(certificate, "utf8")).toContain(readFileSync(ca, "utf8").trim());
  const spki = authority.publicKey.export({ type: "spki", format: "der" });
  expect(pin).toBe(createHash("sha256").update(spki).digest("base64"));
  for (const secret of [key, join(out, "ca-key.pem")]) {
    expect(statSync(secret).mode & 0o777).toBe(0o600);
  }
});

test("it lasts as long as devices take: the authority ten years, the server's 397 days or less", async () => {
  const { value } = await cert("--out", join(scratch, "lasts"), "--days", "90");
  const leftDays = (path: string) => (read(path).validToDate.getTime() - Date.now()) / DAY_MS;
  expect(Math.ceil(leftDays(value.ca))).toBe(3_653);
  expect(Math.ceil(leftDays(value.certificate))).toBe(90);
  const { code, value: refused } = await cert("--out", join(scratch, "long"), "--days", "398");
  expect([code, refused.error.code]).toEqual([2, "usage"]);
});

test("renewing keeps authority, key and names, and only its option does it", async () => {
  const out = join(scratch, "renewed");
  const asked = ["--name", "Feeder.Local", "--ip", "192.168.1.10"];
  const first = await cert("--out", out, ...asked);
  const kept = ["ca.pem", "ca-key.pem", "server-key.pem"].map((file) =>
    readFileSync(join(out, file), "utf8"),
  );
  const old = read(first.value.certificate);
  const again = await cert("--out", out);
  expect([again.code, again.value.error.code]).toEqual([1, "output_exists"]);
  expect(read(first.value.certificate).fingerprint256).toBe(old.fingerprint256);

  const renewed = await cert("--out", out, "--renew");
  expect(renewed.value).toMatchObject({ caIsNew: false, hosts: first.value.hosts });
  expect(renewed.value.hosts).toEqual(["feeder.local", "192.168.1.10", "localhost", "127.0.0.1"]);
  const now = read(first.value.certificate);
  expect(now.serialNumber).not.toBe(old.serialNumber);
  expect(now.checkIP("192.168.1.10")).toBe("192.168.1.10");
  const still = ["ca.pem", "ca-key.pem", "server-key.pem"].map((file) =>
    readFileSync(join(out, file), "utf8"),
  );
  expect(still).toEqual(kept);
});

test.each([
  ["a URL for a name", ["--name", "https://feeder.local"]],
  ["a wildcard", ["--name", "*.local"]],
  ["an address for a name", ["--name", "10.0.0.1"]],
  ["a name for an address", ["--ip", "feeder.local"]],
  ["IPv6", ["--ip", "fe80::1"]],
])("%s is a mistake of the command line", async (_, args) => {
  const { code, value } = await cert("--out", join(scratch, "never"), ...args);
  expect([code, value.error.code]).toEqual([2, "usage"]);
});

test("no half of an authority is completed, and nothing foreign is signed with", async () => {
  const out = join(scratch, "halves");
  expect((await cert("--out", join(scratch, "nothing"), "--renew")).value).toMatchObject({
    error: { code: "ca_not_found" },
  });
  await cert("--out", out);
  const other = await cert("--out", join(scratch, "other"));
  writeFileSync(join(out, "ca.pem"), readFileSync(other.value.ca));
  expect((await cert("--out", out, "--renew")).value.error.code).toBe("ca_invalid");
  rmSync(join(out, "ca-key.pem"));
  expect((await cert("--out", out, "--renew")).value.error.code).toBe("ca_not_found");
});
