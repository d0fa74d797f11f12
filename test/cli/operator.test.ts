import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeBigFleet } from "../server-min/big-fleet.ts";
import { makeImage } from "../server-min/firmware-fixture.ts";
import { makeFolder, start } from "../server-min/started-server.ts";
import { CommandHome } from "./command-home.ts";

const PASSWORD = "robins at the feeder";

/** A server that trusts nobody, and a computer that has never heard of it. */
async function openBoth() {
  const { url } = await start({ adminPassword: PASSWORD });
  const home = new CommandHome(await makeFolder());
  const skyfeeder = (...args: string[]) => home.run([...args, "--server", url]);
  const json = async (...args: string[]) => JSON.parse((await skyfeeder(...args, "--json")).stdout);
  const logIn = () => home.runWithInput(["login", "--stdin", "--server", url], `${PASSWORD}\n`);
  return { url, home, skyfeeder, json, logIn };
}

async function askToBeLetIn(url: string, deviceId: string): Promise<string> {
  const body = JSON.stringify({ deviceId });
  const answer = await fetch(`${url}/v1/enrolment`, { method: "POST", body });
  return String(((await answer.json()) as { claimCode: string }).claimCode);
}

test("a fleet of more than one page is listed whole", async () => {
  const { url } = await start({ dataDir: await makeBigFleet() });
  const home = new CommandHome(await makeFolder());
  const { stdout } = await home.run(["devices", "ls", "--server", url, "--json"]);
  const { devices, ...rest } = JSON.parse(stdout);
  expect([devices.length, devices.at(-1).deviceId, rest]).toEqual([2_001, "feeder-3000", {}]);
});

describe("an operator at the command line", () => {
  test("logs in, lets a feeder in and puts it out, and finds that in the log", async () => {
    const { url, home, skyfeeder, json, logIn } = await openBoth();
    const stranger = await skyfeeder("devices", "pending");
    expect(stranger).toMatchObject({ code: 3, stdout: "" });
    expect(stranger.stderr).toContain("(token_missing)");
    expect(stranger.stderr).toContain(`login --server ${url}/`);

    expect(await logIn()).toMatchObject({ code: 0, stderr: "" });
    expect(statSync(home.credentials).mode & 0o777).toBe(0o600);
    expect(readFileSync(home.credentials, "utf8")).not.toContain(PASSWORD);

    const code = await askToBeLetIn(url, "porch");
    await askToBeLetIn(url, "orchard");
    expect((await skyfeeder("devices", "pending")).stdout).toMatch(
      new RegExp(`^${code}  porch  +since 20.*Z  from 127.0.0.1$`, "m"),
    );
    expect((await skyfeeder("devices", "approve", code.toLowerCase())).stdout).toBe(
      "porch is let in\n",
    );
    const token = (await skyfeeder("devices", "token", "porch")).stdout.trim();
    const discover = () =>
      fetch(`${url}/v1/discovery/porch`, { headers: { Authorization: `Bearer ${token}` } });
    expect((await discover()).status).toBe(200);
    expect((await skyfeeder("devices", "ls")).stdout).toMatch(/^porch {2}offline {2}seen 20.*Z/);
    const named = await skyfeeder("devices", "name", "porch", "Apple tree");
    expect(named).toMatchObject({ code: 0, stdout: "porch is called Apple tree\n" });
    expect((await skyfeeder("devices", "ls")).stdout).toMatch(/photos today {2}Apple tree$/m);
    expect(await json("devices", "name", "porch", "")).toEqual({ deviceId: "porch", name: null });
    expect(await json("devices", "revoke", "porch")).toEqual({ deviceId: "porch" });
    expect((await discover()).status).toBe(401);

    const { entries } = await json("audit", "--limit", "3");
    expect(entries).toMatchObject([
      { action: "revoke_device", target: "porch" },
      {
        action: "name_device",
        target: "porch",
        before: { name: "Apple tree" },
        after: { name: null },
      },
      {
        action: "name_device",
        target: "porch",
        before: { name: null },
        after: { name: "Apple tree" },
      },
    ]);
    expect((await skyfeeder("audit")).stdout).toMatch(/Z {2}admin +make_api_key/);
  }, 60_000);

  test("is out again after logging out, and of a log-in before there is nothing left", async () => {
    const { home, skyfeeder, json, logIn } = await openBoth();
    await logIn();
    await logIn();
    const live = async () => {
      const { keys } = (await json("keys", "ls")) as { keys: { revokedTs: number | null }[] };
      return keys.filter(({ revokedTs }) => revokedTs === null).length;
    };
    expect(await live()).toBe(1);
    const kept = readFileSync(home.credentials);
    expect(await skyfeeder("logout")).toMatchObject({ code: 0 });
    expect(readFileSync(home.credentials, "utf8")).toBe("{}\n");
    expect(await skyfeeder("logout")).toMatchObject({ code: 4 });
    writeFileSync(home.credentials, kept);
    const after = await skyfeeder("keys", "ls");
    expect(after).toMatchObject({ code: 3 });
    expect(after.stderr).toContain("(token_invalid)");
    // The key is void already: only to be forgotten.
    expect(await skyfeeder("logout")).toMatchObject({ code: 0 });
  }, 60_000);

  test("makes a key for a program, which has it from a file or the environment", async () => {
    const { url, home, skyfeeder, json, logIn } = await openBoth();
    await logIn();
    const made = await skyfeeder("keys", "make", "door bell");
    expect(made.stdout).toMatch(/^skf_\w{8}_[\w-]{43}\n$/);
    expect(await skyfeeder("keys", "make", "door bell")).toMatchObject({ code: 1 });
    const key = made.stdout.trim();
    const file = join(await makeFolder(), "key");
    writeFileSync(file, `${key}\n`);
    const elsewhere = new CommandHome(await makeFolder());
    const ask = ["keys", "ls", "--server", url];
    expect(await elsewhere.run(ask)).toMatchObject({ code: 3 });
    expect(await elsewhere.run([...ask, "--api-key-file", file])).toMatchObject({ code: 0 });
    const env = { SKYFEEDER_API_KEY: key };
    expect(await elsewhere.run(ask, env)).toMatchObject({ code: 0 });

    const image = join(await makeFolder(), "image.bin");
    writeFileSync(image, makeImage({ version: "1.2.0", bytes: 1_200_000 }));
    const publish = ["firmware", "publish", image, "--server", url];
    const refused = await elsewhere.run(publish);
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.stderr).toContain("(token_missing)");
    expect(await elsewhere.run(publish, env)).toMatchObject({ code: 0 });

    expect(await json("keys", "revoke", key.split("_")[1] ?? "")).toMatchObject({ id: /\w{8}/ });
    expect(await elsewhere.run(ask, env)).toMatchObject({ code: 3 });
    expect((await home.run(ask)).stdout).toMatch(/door bell .* revoked 20/);
  }, 60_000);

  test("is told of a wrong password, and where to set another", async () => {
    const { url, home } = await openBoth();
    const wrong = await home.runWithInput(["login", "--stdin", "--server", url], "guess\n");
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("(password_wrong)");
    expect(wrong.stderr).toContain("skyfeeder -- password");
  });

  test("is told how long to wait", async () => {
    const busy = createServer((_, response) => {
      response
        .writeHead(429, { "Retry-After": "7" })
        .end(`{"code":"too_many_tries","title":"Too many tries"}`);
    }).listen(0, "127.0.0.1");
    const server = `http://127.0.0.1:${await portOf(busy)}`;
    const { stderr } = await new CommandHome(await makeFolder()).run(["audit", "--server", server]);
    expect(stderr).toBe("error: Too many tries (too_many_tries)\ntry: wait 7 s\n");
  });

  test("is shown no control characters of a server's", async () => {
    const entry = { ts: 0, who: "\u001b]0;x\u0007", action: "log_in", target: "a\nb" };
    const odd = createServer((_, response) => response.end(JSON.stringify({ entries: [entry] })));
    odd.listen(0, "127.0.0.1");
    const server = `http://127.0.0.1:${await portOf(odd)}`;
    const { stdout } = await new CommandHome(await makeFolder()).run(["audit", "--server", server]);
    expect(stdout).toBe("never  ?]0;x?  log_in  a?b\n");
  });
});

describe("what is not there", () => {
  test.each([
    [["devices", "approve", "BCDF-GHJK"], "not_found", /devices pending$/],
    [["devices", "deny", "BCDF-GHJK"], "not_found", /devices pending$/],
    [["devices", "revoke", "porch"], "not_found", /devices ls$/],
    [["keys", "revoke", "1a2b3c4d"], "not_found", /keys ls$/],
    [["flash", "--release", "9.9.9"], "not_found", /firmware ls$/],
    [["devices", "approve", ".."], "not_found", /./],
    [["keys", "revoke", ""], "not_found", /./],
    [["logout"], "not_logged_in", /./],
    [["keys", "ls", "--api-key-file", "/nowhere/key"], "file_not_found", /./],
  ])("%j is refused as %s", async (args, code, hint) => {
    const { url } = await start();
    const home = new CommandHome(await makeFolder());
    const { code: exitCode, stdout } = await home.run([...args, "--server", url, "--json"]);
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(JSON.parse(stdout).error.hint).toMatch(hint);
  });
});

describe("what cannot be", () => {
  test.each([
    [["devices"], "usage", 2],
    [["devices", "aprove", "x"], "usage", 2],
    [["devices", "approve"], "usage", 2],
    [["devices", "name", "porch"], "usage", 2],
    [["devices", "name", "porch", "x".repeat(33)], "usage", 2],
    [["keys", "make"], "usage", 2],
    [["audit", "--limit", "0"], "usage", 2],
    [["audit", "--limit", "1001"], "usage", 2],
    [["audit", "--api-key", "skf_x"], "usage", 2],
    [["audit", "--server", "feeder.local"], "bad_server_url", 2],
    [["login", "--server", "ftp://feeder"], "bad_server_url", 2],
    [["audit", "--server", "http://127.0.0.1:9"], "server_unreachable", 1],
    [["devices", "approve", "XYZ"], "invalid_request", 1],
    [["devices", "token", "../x"], "invalid_device_id", 1],
    [["keys", "make", "../x"], "invalid_request", 1],
  ])("skyfeeder %j is refused as %s", async (args, code, exitCode) => {
    const { url } = await start();
    const home = new CommandHome(await makeFolder());
    const server = args.includes("--server") ? [] : ["--server", url];
    const ended = await home.run([...args, ...server, "--json"]);
    expect(ended.code).toBe(exitCode);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  });

  test("what is no claim code is told where they are", async () => {
    const { url } = await start();
    const home = new CommandHome(await makeFolder());
    const { stderr } = await home.run(["devices", "approve", "XYZ", "--server", url]);
    expect(stderr).toMatch(/devices pending\n$/);
  });

  test.each(["skf_short", "Bearer x", "\u0000"])("%j is no API key", async (key) => {
    const { url } = await start();
    const file = join(await makeFolder(), "key");
    writeFileSync(file, key);
    const home = new CommandHome(await makeFolder());
    const ended = await home.run(["audit", "--server", url, "--api-key-file", file]);
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.stderr).toContain("(key_invalid)");
    if (key.length > 1) expect(ended.stderr).not.toContain(key);
  });

  test("a password without a terminal to type it on", async () => {
    const home = new CommandHome(await makeFolder());
    for (const command of ["login", "password"]) {
      const { code, stdout } = await home.runWithInput([command, "--json"], PASSWORD);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "no_terminal" } });
    }
  });

  test.each(["[]", "{", `{"http://x/":{"id":1}}`])(
    "a file of credentials that is %j is told, and left as it is",
    async (text) => {
      const home = new CommandHome(await makeFolder());
      mkdirSync(dirname(home.credentials), { recursive: true });
      writeFileSync(home.credentials, text);
      const ended = await home.run(["audit", "--server", "http://127.0.0.1:9"]);
      expect(ended).toMatchObject({ code: 1 });
      expect(ended.stderr).toContain("(credentials_unreadable)");
      expect(readFileSync(home.credentials, "utf8")).toBe(text);
    },
  );

  test("a key is not sent on to whoever a server names instead of itself", async () => {
    let asked = 0;
    const other = createServer((_, response) => {
      asked += 1;
      response.end("{}");
    }).listen(0, "127.0.0.1");
    const there = `http://127.0.0.1:${await portOf(other)}/`;
    const mover = createServer((_, response) => {
      response.writeHead(307, { Location: there }).end();
    }).listen(0, "127.0.0.1");
    const server = `http://127.0.0.1:${await portOf(mover)}`;
    const home = new CommandHome(await makeFolder());
    const env = { SKYFEEDER_API_KEY: `skf_1a2b3c4d_${"x".repeat(43)}` };
    const ended = await home.run(["audit", "--server", server], env);
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.stderr).toContain(`try: --server ${there}`);
    expect(asked).toBe(0);
  });
});

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise((listening) => server.on("listening", listening));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
