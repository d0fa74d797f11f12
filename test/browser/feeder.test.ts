import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { RunningCommand } from "../cli/running-command.ts";
import { launchChromium } from "./chromium.ts";

const data = mkdtempSync(join(tmpdir(), "skyfeeder-browser-"));
afterAll(() => rmSync(data, { recursive: true, force: true }));

test("a person sees the first bird arrive, asks for another, opens it and saves it", async () => {
  const running = new RunningCommand(process.execPath, [
    ...["cli/skyfeeder.js", "start", "--no-browser", "--port", "0", "--data", data],
  ]);
  const browser = await launchChromium();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(await running.firstLine());
  const photos = page.getByRole("link", { name: /^Photo from/ });
  await photos.first().waitFor({ timeout: 40_000 });
  expect(await photos.count()).toBe(1);

  // The feeder rests for 10 s after a visit; the first one is about that old.
  await page.getByRole("button", { name: "Visit now" }).click();
  await photos.nth(1).waitFor({ timeout: 40_000 });
  await photos.first().click();
  const dialog = page.getByRole("dialog");
  const shown = dialog.getByRole("img");
  await shown.waitFor();
  const width = await shown.evaluate((image) => (image as HTMLImageElement).naturalWidth);
  expect(width).toBe(640);
  const downloading = page.waitForEvent("download");
  await dialog.getByRole("link", { name: /save/i }).click();
  expect((await downloading).suggestedFilename()).toMatch(/^dev1-.*\.jpg$/);

  await browser.close();
  await running.interrupt();
}, 120_000);
