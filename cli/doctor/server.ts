import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectTcp, isIP } from "node:net";
import { connectAsync } from "mqtt";
import { parseRecord } from "../../protocol/json.ts";
import type { SettingsFile } from "../../server-min/machine/settings-file.ts";
import { readTlsIdentity } from "../../server-min/machine/tls-identity.ts";
import { type Check, note, ok, wrong } from "./check.ts";

const TIMEOUT_MS = 5_000;
const MS_PER_DAY = 86_400_000;
const RENEW_DAYS = 30;
/** A feeder takes its time from the server; tokens allow for less than a minute. */
const CLOCK_TOLERANCE_MS = 30_000;
const RENEW = "npm run -s skyfeeder -- cert --renew";

/** Where feeders and browsers are told to go: is it the server? */
export async function examinePublicUrl(settings: SettingsFile): Promise<readonly Check[]> {
  const { publicUrl, host = "127.0.0.1" } = settings;
  if (publicUrl === undefined) {
    const detail = `not set: feeders are told ${host}, which only works where that leads here`;
    return [note("publicUrl", detail, 'publicUrl = "http://ADDRESS:8080" in skyfeeder.toml')];
  }
  // It answers the same through a proxy, which health checks should not: 200, or a problem for want of a token.
  const url = new URL("v1/discovery/doctor", publicUrl.replace(/\/*$/, "/"));
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(url, { signal, redirect: "manual" }).catch((error: Error) => error);
  if (answer instanceof Error) return [unreached(publicUrl, answer)];
  const body = parseRecord(await answer.text().catch(() => ""));
  if (typeof body?.code !== "string" && typeof body?.api_base !== "string") {
    const detail = `${publicUrl} answers ${answer.status}, but not as a SkyFeeder server`;
    return [wrong("publicUrl", detail, "check the proxy in front, and the port")];
  }
  return [ok("publicUrl", `${publicUrl} leads to the server`), ...comparedClock(answer)];
}

function unreached(publicUrl: string, error: Error): Check {
  const { cause } = error;
  const why = cause instanceof Error ? cause.message : error.message;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (/SELF_SIGNED|UNABLE_TO/.test(code)) {
    const detail = `${publicUrl} has a certificate that this machine does not know (${code})`;
    const hint = "feeders with its CA baked in take it: NODE_EXTRA_CA_CERTS=certs/ca.pem here";
    return note("publicUrl", detail, hint);
  }
  const hint = "start the server, or correct publicUrl in skyfeeder.toml";
  return wrong("publicUrl", `${publicUrl} cannot be reached: ${why}`, hint);
}

function comparedClock(answer: Response): readonly Check[] {
  const serverMs = Date.parse(answer.headers.get("Date") ?? "");
  const offMs = Math.abs(serverMs - Date.now());
  if (!(offMs > CLOCK_TOLERANCE_MS)) return [];
  const detail = `the server's clock is ${Math.round(offMs / 1_000)} s from this one's`;
  return [wrong("clock", detail, "let NTP set both: timedatectl set-ntp true")];
}

/** Of another broker whether it lets us in; of the server's own only whether something is there. */
export async function examineBroker({ mqtt = {} }: SettingsFile): Promise<Check> {
  const { url, username, passwordFile, listen = "127.0.0.1:1883" } = mqtt;
  if (url === undefined) return examineOwnBroker(listen);
  const password = passwordFile === undefined ? undefined : readPassword(passwordFile);
  const hint = "check mqtt.url, username and passwordFile in skyfeeder.toml: docs/mqtt.md";
  if (password instanceof Error) return wrong("broker", password.message, hint);
  const login = { ...(username && { username }), ...(password && { password }) };
  const once = { ...login, reconnectPeriod: 0, connectTimeout: TIMEOUT_MS };
  const client = await connectAsync(url, once, false).catch((error: Error) => error);
  if (client instanceof Error) return wrong("broker", `${url}: ${client.message}`, hint);
  await client.endAsync();
  return ok("broker", `${url} lets the server in`);
}

function readPassword(file: string): string | Error {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return new Error(`${file} cannot be read`);
  }
}

async function examineOwnBroker(listen: string): Promise<Check> {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(listen) ?? [];
  const isThere = await new Promise<boolean>((resolve) => {
    const socket = connectTcp({ host, port: Number(port), timeout: TIMEOUT_MS });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", end(true)).on("error", end(false)).on("timeout", end(false));
  });
  return ok("broker", `the server's own at ${listen}, ${isThere ? "open" : "closed now"}`);
}

/** What the server shows, as it would read it at its start. */
export function examineCertificate(settings: SettingsFile): Check {
  const { tls, publicUrl } = settings;
  if (tls === undefined) return ok("certificate", "none is set: the server speaks http");
  const identity = readTlsIdentity(tls, Date.now());
  if (identity.kind === "failed") {
    const hint = identity.reason === "tls_certificate_expired" ? RENEW : "docs/https.md";
    return wrong("certificate", identity.detail, hint);
  }
  const { certificate } = identity;
  const name = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  if (name !== undefined && !vouchesFor(certificate, name)) {
    const detail = `${tls.certFile} is not for ${name}, where feeders are told to go`;
    return wrong("certificate", detail, `npm run -s skyfeeder -- cert --name ${name}`);
  }
  const days = Math.floor((certificate.validToDate.getTime() - Date.now()) / MS_PER_DAY);
  const detail = `${tls.certFile}, ${days} days left`;
  return days < RENEW_DAYS ? note("certificate", detail, RENEW) : ok("certificate", detail);
}

function vouchesFor(certificate: X509Certificate, name: string): boolean {
  const address = name.replace(/^\[|\]$/g, "");
  const found = isIP(address) === 0 ? certificate.checkHost(name) : certificate.checkIP(address);
  return found !== undefined;
}
