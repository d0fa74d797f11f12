/**
 * Takes the pictures of the documents: the page from a real start with three simulated feeders, once it has photos to
 * show, and the report of a run in virtual time.
 *
 *   node tools/pictures.ts
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { launchChromium } from "../test/browser/chromium.ts";
import { RunningCommand } from "../test/cli/running-command.ts";

const FOLDER = join(import.meta.dirname, "../docs/pictures");
const SCREEN = { width: 1280, height: 800 };

/** The large photo, the four beside it and a row below. */
const PHOTOS_MIN = 9;

/** A simulated feeder rests 10 s after each visit. */
const PATIENCE_MS = 5 * 60_000;

const PICTURES = [
  { file: "gallery.png", colorScheme: "light" },
  { file: "gallery-dark.png", colorScheme: "dark" },
] as const;

const data = mkdtempSync(join(tmpdir(), "skyfeeder-pictures-"));
process.env.TZ = morningZone();
const system = new RunningCommand(process.execPath, [
  ...["cli/skyfeeder.js", "start", "--no-browser", "--port", "0", "--data", data],
  ...["--devices", "3", "--visit-every", "15s"],
]);
const url = await system.firstLine();
const browser = await launchChromium();
mkdirSync(FOLDER, { recursive: true });
for (const picture of PICTURES) await take(browser, picture);
await takeReport(browser);
await browser.close();
await system.interrupt();
rmSync(data, { recursive: true });

/** A zone where it is ten in the morning, so that the garden is in daylight; POSIX counts zones the other way. */
function morningZone(): string {
  const behind = new Date().getUTCHours() - 10;
  return `Etc/GMT${behind < 0 ? "" : "+"}${behind}`;
}

async function take(from: Browser, { file, colorScheme }: (typeof PICTURES)[number]) {
  const context = await from.newContext({ viewport: SCREEN, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(url);
  const photos = page.getByRole("link", { name: /^Photo from/ });
  await photos.nth(PHOTOS_MIN - 1).waitFor({ timeout: PATIENCE_MS });
  // Counts follow a photo within a second; a fresh page agrees with itself.
  await page.reload();
  await photos.nth(PHOTOS_MIN - 1).waitFor();
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  const path = join(FOLDER, file);
  await page.screenshot({ path, animations: "disabled" });
  await context.close();
  tellOf(path);
}

/** Of a run with an update, and with faults that bring it into safe mode. */
async function takeReport(from: Browser): Promise<void> {
  const report = join(data, "report.html");
  const run = ["sim", "run", "swarm", "--seed", "3", "--report", `html:${report}`];
  execFileSync(process.execPath, ["cli/skyfeeder.js", ...run]);
  const page = await from.newPage({ viewport: SCREEN });
  await page.goto(pathToFileURL(report).href);
  const path = join(FOLDER, "report.png");
  await page.locator(".board").first().screenshot({ path });
  await page.close();
  tellOf(path);
}

function tellOf(path: string): void {
  process.stdout.write(`${path} ${Math.round(statSync(path).size / 1000)} kB\n`);
}
