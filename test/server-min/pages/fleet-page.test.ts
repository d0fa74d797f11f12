import { describe, expect, test } from "vitest";
import { ask, enrol, logIn, makeApiKey, openClosedServer } from "../identity/closed-server.ts";
import { joinAs, type TestServer } from "../server-fixture.ts";
import { get, type PageAnswer, sendForm } from "./form-client.ts";

/** The fleet's page in the hands of a logged-in operator. */
async function openFleet(server = openClosedServer()) {
  const headers = { Cookie: await logIn(server) };
  const look = async () => plain((await get(server, "/fleet", headers)).text);
  const send = (fields: Readonly<Record<string, string>>) =>
    sendForm(server, "/fleet", fields, headers);
  return { server, headers, look, send };
}

async function asks(server: TestServer, deviceId: string, address?: string) {
  const body = { deviceId };
  const asked = await ask(server, "POST /v1/enrolment", { body, ...(address && { address }) });
  const { claimCode, deviceCode } = asked.body as Record<string, string>;
  const token = { deviceId, deviceCode };
  const poll = async () => (await ask(server, "POST /v1/enrolment/token", { body: token })).status;
  return { claimCode: String(claimCode), poll };
}

/** What a reader sees of it. */
function plain(markup: string): string {
  const words = markup.replace(/<head>.*<\/head>/s, "").replace(/<[^>]*>/g, " ");
  return words.replace(/\s+/g, " ").replace(/ ([.,:;])/g, "$1");
}

const done = { status: 303, location: "fleet?done" };

describe("a feeder that waits", () => {
  test("is shown with its code, since when, and from where; its button lets it in", async () => {
    const { server, look, send } = await openFleet();
    expect(await look()).toContain("No feeder waits. Switch a new one on");
    const { claimCode, poll } = await asks(server, "porch", "192.0.2.77");
    server.clock.advance(3 * 60_000);
    expect(await look()).toContain(`${claimCode} porch asked 3 minutes ago from 192.0.2.77`);
    expect(await send({ do: "approve", code: claimCode })).toMatchObject(done);
    expect(await poll()).toBe(200);
    expect(await look()).toContain("Feeders let in porch not seen yet");
  });

  test("is let in by its code as somebody types it, and the page says what was done", async () => {
    const { server, headers, look, send } = await openFleet();
    const { claimCode } = await asks(server, "porch");
    const typed = ` ${claimCode.toLowerCase().replace("-", " ")} `;
    expect(await send({ do: "approve", code: typed })).toMatchObject(done);
    const { text } = await get(server, "/fleet?done", headers);
    expect(plain(text)).toContain("Done: let porch in.");
    expect(await look()).not.toContain("Done:");
  });

  test("is turned away", async () => {
    const { server, look, send } = await openFleet();
    const { claimCode, poll } = await asks(server, "porch");
    expect(await send({ do: "deny", code: claimCode })).toMatchObject(done);
    expect(await poll()).toBe(403);
    expect(await look()).not.toContain(claimCode);
  });

  test("under the name of one that is in is told apart", async () => {
    const { server, look } = await openFleet();
    await enrol(server, "porch");
    expect(await look()).not.toContain("already");
    await asks(server, "porch");
    expect(await look()).toContain("A feeder of this name is in already");
  });

  test.each([
    ["BCDF-GHJK", 404, "No feeder waits with this code."],
    [`"><script>`, 400, "This is no claim code"],
    ["", 400, "This is no claim code"],
  ])("has not the code %j: %i", async (code, status, words) => {
    const { send } = await openFleet();
    const answer = await send({ do: "approve", code });
    expect(answer).toMatchObject({ status });
    expect(plain(answer.text)).toContain(words);
    expect(answer.text).toContain(`value="${escapeHtml(code)}" aria-invalid="true" autofocus`);
    expect(answer.text).not.toContain("<script");
  });
});

function escapeHtml(text: string): string {
  return text.replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

describe("a feeder that is in", () => {
  test("is shown with when it was last seen, and put out when it is revoked", async () => {
    const { server, look, send } = await openFleet();
    const token = await enrol(server, "porch");
    await ask(server, "GET /v1/discovery/porch", { token });
    server.clock.advance(2 * 3600_000);
    expect(await look()).toContain("porch seen 2 hours ago in since 2 hours ago Name porch");
    const feeder = joinAs(server, { role: "feeder", deviceId: "porch" });
    expect(await look()).toContain("porch Online");
    feeder.leave();
    server.clock.advance(60_000);
    expect(await look()).toContain("porch seen 1 minute ago");
    expect(await send({ do: "revoke_device", device: "porch" })).toMatchObject(done);
    expect(await ask(server, "GET /v1/days/porch", { token })).toMatchObject({ status: 401 });
    expect(await look()).toContain("No feeder is in yet.");
  });

  test("is called by its name, which is given and taken back here", async () => {
    const { server, look, send } = await openFleet();
    await ask(server, "GET /v1/discovery/porch", { token: await enrol(server, "porch") });
    const given = { do: "name_device", device: "porch", deviceName: " Apple tree " };
    expect(await send(given)).toMatchObject(done);
    const page = await look();
    expect(page).toContain("Feeders let in Apple tree porch seen");
    expect(page).toContain("admin named porch Apple tree");
    expect(await send({ ...given, deviceName: "" })).toMatchObject(done);
    expect(await look()).toContain("admin took the name Apple tree of porch back");
  });

  test.each([
    ["porch", "é".repeat(17), 400, "A name has 32 bytes at most"],
    ["porch", `"><script>\u001b[2J`, 400, "A name has 32 bytes at most"],
    ["orchard", "Apple tree", 404, "It has not come yet"],
  ])("%s is not named %j: %i", async (device, deviceName, status, words) => {
    const { server, send } = await openFleet();
    await ask(server, "GET /v1/discovery/porch", { token: await enrol(server, "porch") });
    await enrol(server, "orchard");
    const answer = await send({ do: "name_device", device, deviceName });
    expect(answer).toMatchObject({ status });
    expect(plain(answer.text)).toContain(words);
    expect(answer.text).toContain(`value="${escapeHtml(deviceName)}" aria-invalid="true"`);
    expect(answer.text).not.toContain("<script");
  });
});

describe("an API key", () => {
  const keyIn = ({ text }: PageAnswer) => /value="(skf_[^"]+)"/.exec(text)?.[1] ?? "";

  test("is shown once, works, and is refused once it is revoked", async () => {
    const { server, look, send } = await openFleet();
    const made = await send({ do: "make_key", name: "door bell" });
    expect(made.status).toBe(201);
    const token = keyIn(made);
    expect(await ask(server, "GET /v1/audit", { token })).toMatchObject({ status: 200 });
    const page = await look();
    expect(page).toContain("door bell");
    expect(page).not.toContain(token);
    const id = token.split("_")[1] ?? "";
    expect(await send({ do: "revoke_key", id })).toMatchObject(done);
    expect(await ask(server, "GET /v1/audit", { token })).toMatchObject({ status: 401 });
    expect(await look()).toContain("No program has a key.");
  });

  test.each([
    ["screen", 409, "A key has, or had, this name."],
    ["../x", 400, "Up to 64 letters"],
    ["", 400, "Up to 64 letters"],
  ])("is not made as %j: %i", async (name, status, words) => {
    const { server, send } = await openFleet();
    await makeApiKey(server, "screen");
    const answer = await send({ do: "make_key", name });
    expect(answer).toMatchObject({ status });
    expect(plain(answer.text)).toContain(words);
  });
});

test("what was done is listed, newest first, in words and escaped", async () => {
  const { server, look, send } = await openFleet();
  await send({ do: "make_key", name: "screen" });
  await server.sql
    .insertInto("audit_log")
    .values({
      ...{ at_ms: server.clock.nowMs(), who: "screen", action: "block_release", target: "1.2.0" },
      ...{ before: `{"blocked":null}`, after: `{"blocked":{"reason":"<i>seed"}}` },
    })
    .execute();
  const page = await look();
  expect(page).toMatch(
    /What was done 2026-05-01 12:00 screen block release 1\.2\.0 .*&lt;i&gt;seed.* admin made the key screen .* admin logged in from 192\.0\.2\.1/,
  );
});

test("another site's page moves nothing with the operator's cookie", async () => {
  const { server, headers } = await openFleet();
  const foreign = { ...headers, Origin: "https://x.feeders.example" };
  const answer = await sendForm(server, "/fleet", { do: "make_key", name: "mine" }, foreign);
  expect(answer).toMatchObject({ status: 403 });
});

test("a token is no proof to a page: its forms could be sent by whoever made the link", async () => {
  const server = openClosedServer();
  const token = await makeApiKey(server);
  const asked = await get(server, `/fleet?token=${token}`, { Authorization: `Bearer ${token}` });
  expect(asked).toMatchObject({ status: 303, location: "login?then=fleet" });
});

test.each([
  {},
  { do: "rule" },
  { do: "approve" },
  { do: "revoke_key" },
  { do: "revoke_key", id: "\0" },
])("a form that is none of the page's is refused: %j", async (fields) => {
  const { send } = await openFleet();
  expect(await send(fields as Record<string, string>)).toMatchObject({ status: 400 });
});
