import { describe, expect, test } from "vitest";
import { logIn, openClosedServer, PASSWORD } from "../identity/closed-server.ts";
import { openServer } from "../server-fixture.ts";
import { get, sendForm } from "./form-client.ts";

const right = { password: PASSWORD };

describe("without a session", () => {
  test.each([
    ["/", "login"],
    ["/index.html", "login"],
    ["/fleet", "login?then=fleet"],
  ])("%s leads to the log-in: %s", async (path, place) => {
    const { status, location } = await get(openClosedServer(), path);
    expect({ status, location }).toEqual({ status: 303, location: place });
  });

  test("a form of the fleet changes nothing and leads to the log-in", async () => {
    const server = openClosedServer();
    const { status } = await sendForm(server, "/fleet", { do: "make_key", name: "mine" });
    expect(status).toBe(303);
    expect(await server.sql.selectFrom("api_keys").selectAll().execute()).toEqual([]);
  });
});

describe("the log-in page", () => {
  test.each([
    ["/login", "./"],
    ["/login?then=fleet", "fleet"],
    ["/login?then=https://evil.example", "./"],
    ["/login?then=//evil.example", "./"],
    ["/login?then=fleet%0d%0aLocation:x", "./"],
  ])("%s leads on to %s with the cookie of a session", async (path, place) => {
    const server = openClosedServer();
    const answer = await sendForm(server, path, right);
    expect(answer).toMatchObject({ status: 303, location: place });
    expect(answer.headers.get("Set-Cookie")).toMatch(/^skyfeeder_session=.*HttpOnly; Secure; Same/);
    const Cookie = answer.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
    expect(await get(server, "/fleet", { Cookie })).toMatchObject({ status: 200 });
    expect(await get(server, path, { Cookie })).toMatchObject({ status: 303, location: place });
  });

  test("says what was wrong beside the field, and counts tries together with the API", async () => {
    const server = openClosedServer();
    const wrong = await sendForm(server, "/login", { password: "<b>guess" });
    expect(wrong.status).toBe(401);
    expect(wrong.text).toContain("That is not the password.");
    expect(wrong.text).toMatch(/aria-invalid="true" aria-describedby="mistake"/);
    expect(wrong.text).not.toContain("guess");
    const body = JSON.stringify({ password: "guess" });
    for (let tries = 1; tries < 5; tries++) {
      const env = { address: "192.0.2.1" };
      await server.app.request("/v1/session", { method: "POST", body }, env);
    }
    const waits = await sendForm(server, "/login", right);
    expect(waits.status).toBe(429);
    expect(waits.headers.get("Retry-After")).toBe("1");
    expect(waits.text).toContain("counts in 1 second.");
    expect(waits.headers.get("Set-Cookie")).toBeNull();
    server.clock.advance(1_000);
    expect(await sendForm(server, "/login", right)).toMatchObject({ status: 303 });
  });

  test("from another site's page neither logs in nor uses up a try", async () => {
    const server = openClosedServer();
    const headers = { Origin: "https://evil.example" };
    for (let tries = 0; tries < 9; tries++) {
      const answer = await sendForm(server, "/login", { password: "guess" }, headers);
      expect(answer).toMatchObject({ status: 403 });
    }
    expect(await sendForm(server, "/login", right, headers)).toMatchObject({ status: 403 });
    expect(await sendForm(server, "/login", right)).toMatchObject({ status: 303 });
  });

  test.each([
    ["no form", { "Content-Type": "application/json" }, 415],
    ["a form in parts", { "Content-Type": "multipart/form-data; boundary=x" }, 415],
  ])("%s is refused", async (_, headers, status) => {
    expect(await sendForm(openClosedServer(), "/login", right, headers)).toMatchObject({ status });
  });

  test("a form without a password, or with a book in its place, is refused", async () => {
    const server = openClosedServer();
    expect(await sendForm(server, "/login", {})).toMatchObject({ status: 400 });
    const long = { password: "x".repeat(1_001) };
    expect(await sendForm(server, "/login", long)).toMatchObject({ status: 400 });
    const book = { password: "x".repeat(70_000) };
    expect(await sendForm(server, "/login", book)).toMatchObject({ status: 413 });
  });

  test("may hold no script, be framed nor be kept", async () => {
    const { headers } = await get(openClosedServer(), "/login");
    const policy = headers.get("Content-Security-Policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get("Cache-Control")).toBe("no-store");
  });
});

describe("logging out", () => {
  test("ends the session", async () => {
    const server = openClosedServer();
    const Cookie = await logIn(server);
    const answer = await sendForm(server, "/logout", {}, { Cookie });
    expect(answer).toMatchObject({ status: 303, location: "login" });
    expect(answer.headers.get("Set-Cookie")).toMatch(/Max-Age=0/);
    expect(await get(server, "/fleet", { Cookie })).toMatchObject({ status: 303 });
  });

  test("is nothing that another site's page can do", async () => {
    const server = openClosedServer();
    const Cookie = await logIn(server);
    const Origin = "https://evil.example";
    expect(await sendForm(server, "/logout", {}, { Cookie, Origin })).toMatchObject({
      status: 403,
    });
    // What a browser really sends from there: no cookie. It must not be taken away either.
    const without = await sendForm(server, "/logout", {}, { Origin });
    expect(without.headers.get("Set-Cookie")).toBeNull();
    expect(await get(server, "/fleet", { Cookie })).toMatchObject({ status: 200 });
  });
});

describe("an open server", () => {
  test.each(["/login", "/fleet"])(
    "says at %s that it has no password, and how to set one",
    async (path) => {
      const { status, text } = await get(openServer(), path);
      expect(status).toBe(404);
      expect(text).toContain("skyfeeder -- password");
    },
  );

  test("has a gallery for everybody", async () => {
    const { status } = await get(openServer(), "/");
    // The gallery's files are the listener's.
    expect(status).toBe(404);
  });
});
