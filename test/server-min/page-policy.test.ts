import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder, start } from "./started-server.ts";

test("the page runs its own files only, tells nobody its address and is shown in no frame", async () => {
  const dashboardDir = await makeFolder();
  await writeFile(join(dashboardDir, "index.html"), "<!doctype html><title>birds</title>");
  const publicUrl = "https://birds.example/garden";
  const server = await start({ dashboardDir, publicUrl });
  const { headers } = await fetch(server.url);
  const policy = headers.get("Content-Security-Policy")?.split("; ");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  // Where it was told that photos and its room are.
  expect(policy).toContain("img-src 'self' data: blob: https://birds.example");
  expect(policy).toContain("connect-src 'self' wss://birds.example https://birds.example");
  expect(headers.get("Referrer-Policy")).toBe("same-origin");
  expect(headers.get("X-Frame-Options")).toBe("DENY");
  expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
});
