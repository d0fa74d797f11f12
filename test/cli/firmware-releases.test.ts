import { expect, test } from "vitest";
import { makeImage } from "../server-min/firmware-fixture.ts";
import { makeFolder, start } from "../server-min/started-server.ts";
import { CommandHome } from "./command-home.ts";
import { skyfeeder } from "./running-command.ts";

/** A server with two releases, and the command at it. */
async function openReleases() {
  const { url } = await start();
  const home = new CommandHome(await makeFolder());
  const firmware = (...args: string[]) => home.run(["firmware", ...args, "--server", url]);
  expect((await firmware("ls")).stdout).toMatch(/^no release yet: .*firmware publish FILE\n$/);
  for (const version of ["1.0.0", "1.1.0"]) {
    const body = Buffer.from(makeImage({ version }));
    expect((await fetch(`${url}/v1/releases`, { method: "POST", body })).status).toBe(201);
  }
  return { url, firmware };
}

test("an older release is signed anew, is offered over the newer one, and is blocked again", async () => {
  const { url, firmware } = await openReleases();
  expect((await firmware("sign", "1.0.0")).stdout).toMatch(
    /^1\.0\.0 is signed anew: sequence 3, until 20\d\d-/,
  );
  expect((await firmware("block", "1.1.0", "--reason", "eats birds")).stdout).toBe(
    "1.1.0 is offered to nobody any more\n",
  );
  const blocked = await (await fetch(`${url}/v1/releases/1.1.0`)).json();
  expect(blocked.blocked).toMatchObject({ reason: "eats birds" });
  const { stdout } = await firmware("ls");
  expect(stdout).toMatch(
    /^1\.1\.0 +stable +sequence 2 +until \S+ +blocked\n1\.0\.0 +stable +sequence \d/,
  );
  expect(await firmware("sign", "1.1.0")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("release_blocked"),
  });
});

test("a release that nobody published is told with where to look", async () => {
  const { firmware } = await openReleases();
  for (const command of ["sign", "block"]) {
    const end = await firmware(command, "9.9.9", "--json");
    expect(end.code).toBe(4);
    const hint = expect.stringContaining("firmware ls");
    expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "not_found", hint } });
  }
});

test.each([[["sign"]], [["sign", "latest"]], [["block", "1.0"]], [["ls", "1.0.0"]]])(
  "firmware %j is a wrong use",
  async (args) => {
    const end = await skyfeeder("firmware", ...args, "--json");
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "usage" } });
  },
);
