import { describe, expect, test } from "vitest";
import { answerRequest } from "../../../device/esp32/portal/portal-answer.ts";

const TOKEN = "0123456789abcdef";
const VIEW = {
  network: "SkyFeeder-1A2B",
  token: TOKEN,
  nearby: [],
  draft: { wifi: { ssid: "", password: "" }, serverUrl: "", name: "" },
  state: { kind: "form", problem: undefined },
} as const;
const HOME = "http://4.3.2.1/";

function ask(method: string, host: string, path: string, form = "") {
  const answer = answerRequest({ method, host, path, body: Buffer.from(form) }, VIEW, "4.3.2.1");
  return { ...answer, headers: Object.fromEntries(answer.headers) };
}

/** What phones and computers ask to learn whether this is the Internet. */
const PROBES = [
  ["Android", "connectivitycheck.gstatic.com", "/generate_204"],
  ["Android", "clients3.google.com", "/generate_204"],
  ["Android", "www.google.com", "/gen_204"],
  ["Apple", "captive.apple.com", "/hotspot-detect.html"],
  ["Apple", "www.apple.com", "/library/test/success.html"],
  ["Windows", "www.msftconnecttest.com", "/connecttest.txt"],
  ["Windows", "www.msftconnecttest.com", "/redirect"],
  ["Windows", "www.msftncsi.com", "/ncsi.txt"],
  ["Firefox", "detectportal.firefox.com", "/canonical.html"],
  ["Firefox", "detectportal.firefox.com", "/success.txt"],
  ["GNOME", "nmcheck.gnome.org", "/check_network_status.txt"],
  ["Ubuntu", "connectivity-check.ubuntu.com", "/"],
  ["Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html"],
] as const;

describe("whoever asks another host is sent to the page", () => {
  test.each(PROBES)("%s: %s%s", (_who, host, path) => {
    for (const method of ["GET", "HEAD", "POST"]) {
      const { status, headers, wish } = ask(method, host, path, `token=${TOKEN}`);
      expect([status, headers, wish]).toEqual([
        302,
        { Location: HOME, "Cache-Control": "no-store" },
        undefined,
      ]);
    }
  });

  test.each(["", "4.3.2.1:8080", "4.3.2.1.evil.example", "evil.example:80", "[::1]"])(
    "the host %j is another",
    (host) => {
      expect(ask("GET", host, "/").headers.Location).toBe(HOME);
      expect(ask("POST", host, "/setup", `token=${TOKEN}`).wish).toBeUndefined();
    },
  );
});

describe("whoever asks the board", () => {
  test.each(["4.3.2.1", "4.3.2.1:80"])(
    "as %s gets the page, which nobody keeps or frames",
    (host) => {
      const { status, headers, body, wish } = ask("GET", host, "/");
      expect(status).toBe(200);
      expect(body).toContain("Set up this feeder");
      expect(wish).toEqual({ kind: "look" });
      expect(headers["Cache-Control"]).toBe("no-store");
      expect(headers["Content-Security-Policy"]).toContain("default-src 'none'");
      expect(headers["Content-Security-Policy"]).toContain("frame-ancestors 'none'");
    },
  );

  test.each([
    ["GET", "/favicon.ico", 404],
    ["GET", "/anything", 302],
    ["PUT", "/setup", 405],
    ["OPTIONS", "/setup", 405],
  ])("%s %s: %i", (method, path, status) => {
    expect(ask(method, "4.3.2.1", path)).toMatchObject({ status, wish: undefined });
  });

  test.each([
    ["/setup", `ssid=garden&token=${TOKEN}`, "submit"],
    ["/scan", `token=${TOKEN}`, "scan"],
    ["/", `token=${TOKEN}`, undefined],
    ["/setup", "ssid=garden", undefined],
    ["/setup", "ssid=garden&token=0123456789abcdee", undefined],
    ["/setup", "ssid=garden&token=", undefined],
    ["/scan", "", undefined],
  ])("may post to %s %j: %s", (path, form, wish) => {
    const answer = ask("POST", "4.3.2.1", path, form);
    expect([answer.status, answer.headers.Location, answer.wish?.kind]).toEqual([303, HOME, wish]);
  });
});
