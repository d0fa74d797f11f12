import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { FeederClient } from "./feeder-client.ts";
import type { Garden } from "./garden.ts";
import { test } from "./page-test.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const photos = (page: Page) => page.getByRole("link", { name: /^Photo from/ });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Photo" });

/** Oldest first: `early`, `noon`, `late`, the last one a minute ago. */
async function joinWithThreePhotos(garden: Garden, deviceId = "garden"): Promise<FeederClient> {
  const feeder = await garden.join(deviceId);
  const nowMs = Date.now();
  for (const [index, captureId] of ["late", "noon", "early"].entries()) {
    await feeder.upload({ captureId, capturedAtMs: nowMs - (index + 1) * MINUTE_MS });
  }
  return feeder;
}

function focusedId(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.id);
}

test("a photo shows itself while the page is open, with the reader's own time", async ({
  garden,
}) => {
  const feeder = await garden.join("garden");
  const page = await garden.open("#/", { timezoneId: "Asia/Kolkata" });
  await page.getByText("No visit yet today").waitFor();

  const capturedAtMs = Date.now();
  const { bytes } = await feeder.upload({ captureId: "c1", capturedAtMs });

  await photos(page).waitFor();
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "Asia/Kolkata" });
  const caption = await photos(page).innerText();
  expect(caption.split(/\s*\n\s*/).at(-1)).toBe(`${bytes.length} B`);
  expect(caption).toContain(clock.format(capturedAtMs));
  await page.getByText("times in UTC+5:30, day in UTC").waitFor();
  await page.getByText("1 photo", { exact: true }).waitFor();
});

test("arrow keys go through the day, and Escape returns to the photo last seen", async ({
  garden,
}) => {
  await joinWithThreePhotos(garden);
  const page = await garden.open();
  await photos(page).first().focus();
  await page.keyboard.press("Enter");

  await dialog(page).getByText("1 of 3").waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  await dialog(page).getByText("2 of 3").waitFor();
  await page.keyboard.press("ArrowRight");
  await dialog(page).getByText("3 of 3").waitFor();
  await page.keyboard.press("Escape");

  await dialog(page).waitFor({ state: "hidden" });
  await page.waitForURL(`${garden.url}/#/`);
  await page.waitForFunction(() => document.activeElement?.id === "photo-garden-early");
});

test("Save downloads the photo's own bytes under a name of feeder and time", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const capturedAtMs = Date.now() - MINUTE_MS;
  const { bytes } = await feeder.upload({ captureId: "c1", capturedAtMs });
  const page = await garden.open();
  await photos(page).click();

  const saving = page.waitForEvent("download");
  await dialog(page).getByRole("link", { name: "Save" }).click();
  const saved = await saving;

  const time = new Date(capturedAtMs).toISOString().replace(/:|\.\d+/g, "");
  expect(saved.suggestedFilename()).toBe(`garden-${time}.jpg`);
  expect(await readFile(await saved.path())).toEqual(bytes);
});

test("days with photos are offered with their counts, also one without any today", async ({
  garden,
}) => {
  const feeder = await garden.join("garden");
  const yesterdayMs = Date.now() - DAY_MS;
  await feeder.upload({ captureId: "y1", capturedAtMs: yesterdayMs });
  await feeder.upload({ captureId: "y2", capturedAtMs: yesterdayMs + 1 });
  const page = await garden.open();

  const days = page.getByRole("navigation", { name: "Days" });
  await days.getByRole("link", { name: / 2 pictures$/ }).waitFor();
  await feeder.upload({ captureId: "y3", capturedAtMs: yesterdayMs + 2 });
  await days.getByRole("link", { name: "Today 0 pictures" }).waitFor();
  const yesterday = days.getByRole("link", { name: / 3 pictures$/ });
  await yesterday.waitFor();
  await page.getByText("No visit yet today").waitFor();
  await yesterday.click();

  const date = new Date(yesterdayMs).toISOString().slice(0, 10);
  await page.waitForURL(`${garden.url}/#/-/${date}`);
  await photos(page).nth(2).waitFor();
  await days.getByRole("link", { name: "Today 0 pictures" }).click();
  await page.getByRole("link", { name: /^See 3 pictures of/ }).waitFor();
});

test("a photo that does not load says so and can be asked for again", async ({ garden }) => {
  await joinWithThreePhotos(garden);
  const page = await garden.blankPage();
  await page.route("**/v1/objects/**", (route) => route.abort());
  await page.goto(`${garden.url}/#/`);
  await page.getByText("This photo did not load").nth(2).waitFor();

  await page
    .getByRole("link", { name: /^This photo did not load/ })
    .first()
    .click();
  const tryAgain = dialog(page).getByRole("button", { name: "Try again" });
  await tryAgain.waitFor();
  await page.unroute("**/v1/objects/**");
  await tryAgain.click();
  await dialog(page).getByRole("img", { name: "Photo from garden" }).waitFor();
});

test("new photos wait while the reader is further down", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const nowMs = Date.now();
  for (let index = 1; index <= 12; index += 1) {
    await feeder.upload({ captureId: `c${index}`, capturedAtMs: nowMs - index * 1000 });
  }
  const page = await garden.open("#/", { viewport: { width: 390, height: 500 } });
  await photos(page).nth(11).focus();
  await page.waitForFunction(() => scrollY > 300);

  await feeder.upload({ captureId: "new" });
  await page.getByRole("button", { name: "1 new photo" }).waitFor();
  expect(await photos(page).count()).toBe(12);
  expect(await focusedId(page)).toBe("photo-garden-c12");

  await page.getByRole("button", { name: "1 new photo" }).click();
  await page.locator("#photo-garden-new").waitFor();
});

test("a garden without feeders says how to get one", async ({ garden }) => {
  const page = await garden.open();
  await page.getByRole("heading", { name: "No feeder yet" }).waitFor();
  await page.getByText("npm start").waitFor();

  await garden.join("garden");
  await page.goto(`${garden.url}/#/nowhere`);
  await page.reload();
  await page.getByRole("heading", { name: "No feeder is called nowhere" }).waitFor();
});

test("a page left open moves on to the next UTC day", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const eveningMs = Date.parse("2026-03-01T23:59:50Z");
  await feeder.upload({ captureId: "c1", capturedAtMs: eveningMs });
  const page = await garden.blankPage();
  await page.clock.install({ time: eveningMs });
  await page.goto(`${garden.url}/#/`);
  await photos(page).waitFor();
  await page.clock.runFor(20_000);
  await page.getByText("Monday 2 March").waitFor();
  await page.getByRole("link", { name: "See 1 picture of Sunday 1 March" }).waitFor();
});

test("a mistake of the page itself is shown", async ({ garden }) => {
  const page = await garden.open();
  await page.evaluate(() => void Promise.reject(new Error("no such feather")));
  await page.getByRole("alert").getByText("no such feather").waitFor();
  garden.complaints.length = 0;
});
