import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { type PublishOptions, runPublish } from "../../cli/firmware/publish.ts";
import { parseRecord } from "../../protocol/json.ts";
import { makeImage } from "../server-min/firmware-fixture.ts";
import { start } from "../server-min/started-server.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-publish-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function imageFile(bytes: Uint8Array): string {
  const file = join(folder, "image.bin");
  writeFileSync(file, bytes);
  return file;
}

/** What the command leaves on standard output and as its exit code; its talk is kept off the test's own. */
async function publish(options: PublishOptions) {
  const out: string[] = [];
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out.push(String(text));
    return true;
  });
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  await runPublish(options);
  const exitCode = process.exitCode ?? 0;
  process.exitCode = 0;
  const talk = stderr.mock.calls.map(([text]) => String(text)).join("");
  for (const spy of [stdout, stderr]) spy.mockRestore();
  return { text: out.join(""), exitCode, talk };
}

async function publishJson(options: PublishOptions) {
  const { text, exitCode } = await publish({ ...options, json: true });
  const answer: Record<string, unknown> = parseRecord(text) ?? {};
  return { exitCode, answer };
}

test("an image becomes a release as it was asked for, and again the same", async () => {
  const { url: server } = await start();
  const file = imageFile(makeImage({ version: "1.2.0", bytes: 300_000 }));
  const asked = { channel: "beta", board: "gateway", minimumVersion: "1.0.0", notes: "Öl & more" };
  const release = { ...asked, version: "1.2.0", sequence: 1 };
  const first = await publishJson({ file, server: `${server}/`, ...asked, expiresDays: 5 });
  expect(first).toMatchObject({ exitCode: 0, answer: { ...release, isNew: true } });
  const { issued, expires } = first.answer;
  expect(Date.parse(String(expires)) - Date.parse(String(issued))).toBe(5 * 86_400_000);
  const second = await publishJson({ file, server, ...asked });
  expect(second).toMatchObject({ exitCode: 0, answer: { ...release, isNew: false } });
  const plain = await publish({ file, server, ...asked });
  expect(plain.text).toMatch(/^already published +1\.2\.0\n.*gateway.*beta\n.*sequence 1,.*\n.*/);
  expect(plain.talk).toContain("300000 bytes");
});

test.each([
  [
    "another build of a version",
    makeImage({ code: "other();" }),
    {},
    "version_taken",
    "higher version",
  ],
  ["no image", Buffer.from("an essay"), {}, "image_invalid", "image.bin"],
  ["half an image", makeImage().slice(0, 200), {}, "image_corrupt", "inspect"],
  ["too much", new Uint8Array(5_000_000), {}, "body_too_large", "smaller"],
  ["a wrong channel", makeImage(), { channel: "nightly" }, "invalid_request", "--help"],
])(
  "%s is refused in the server's words, with the next step",
  async (_, bytes, asked, code, hint) => {
    const { url: server } = await start();
    await publish({ file: imageFile(makeImage()), server });
    const refused = await publishJson({ file: imageFile(bytes), server, ...asked });
    const error = { code, hint: expect.stringContaining(hint) };
    expect(refused).toMatchObject({ exitCode: 1, answer: { error } });
  },
);

test("devices whose slots are too small are named", async () => {
  const { url: server } = await start();
  const told = { board: "feeder", chip: "esp32", slotBytes: 100, current_version: "1.0.0" };
  const body = JSON.stringify({ deviceId: "porch", ...told });
  await fetch(`${server}/api/v1/check-update`, { method: "POST", body });
  const { answer } = await publishJson({ file: imageFile(makeImage()), server });
  const message = expect.stringMatching(/porch$/);
  expect(answer.error).toMatchObject({ code: "image_does_not_fit", message });
});

test("a file that is not there, a server that is none, an address that is none", async () => {
  const file = imageFile(makeImage());
  const closed = await start();
  await closed.close();
  const other = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
  await new Promise((listening) => other.on("listening", listening));
  const strange = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const failures = [
    await publishJson({ file: join(folder, "none.bin"), server: closed.url }),
    await publishJson({ file, server: closed.url }),
    await publishJson({ file, server: strange }),
    await publishJson({ file, server: "feeder.local" }),
  ];
  other.close();
  const hint = expect.stringContaining("npm start");
  expect(failures).toMatchObject([
    { exitCode: 4, answer: { error: { code: "file_not_found" } } },
    { exitCode: 1, answer: { error: { code: "server_unreachable", hint } } },
    { exitCode: 1, answer: { error: { code: "unexpected_answer" } } },
    { exitCode: 2, answer: { error: { code: "bad_server_url" } } },
  ]);
});
