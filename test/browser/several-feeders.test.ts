import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "./page-test.ts";

const photos = (page: Page) => page.getByRole("link", { name: /^Photo from/ });
const strip = (page: Page) => page.getByRole("navigation", { name: "Feeders" });

test("several feeders are shown together or one at a time", async ({ garden }) => {
  const first = await garden.join("garden");
  for (const captureId of ["early", "noon", "late"]) await first.upload({ captureId });
  const orchard = await garden.join("orchard");
  await orchard.upload({ captureId: "c1" });
  const page = await garden.open();
  const feeders = page.getByRole("navigation", { name: "Feeders" });

  await feeders.getByRole("link", { name: "All feeders 2 of 2 online, 4 photos today" }).waitFor();
  await photos(page).nth(3).waitFor();
  await feeders.getByRole("link", { name: "orchard Online, 1 photo today" }).click();
  await page.getByRole("heading", { name: "Today at orchard" }).waitFor();
  await expect.poll(() => photos(page).count()).toBe(1);

  await first.upload({ captureId: "elsewhere" });
  await orchard.upload({ captureId: "c2" });
  await photos(page).nth(1).waitFor();
  await feeders.getByRole("link", { name: "orchard Online, 2 photos today" }).waitFor();
  expect(await photos(page).count()).toBe(2);
});

test("the chosen one of many feeders is in sight, and its day too", async ({ garden }) => {
  for (let number = 10; number < 57; number += 1) {
    await fetch(`${garden.url}/v1/discovery/feeder-${number}`);
  }
  const feeder = await garden.join("feeder-40");
  const nowMs = Date.now();
  for (let days = 1; days <= 40; days += 1) {
    const capturedAtMs = nowMs - days * 86_400_000;
    await feeder.upload({ captureId: `c${days}`, capturedAtMs });
  }
  const longAgo = new Date(nowMs - 35 * 86_400_000).toISOString().slice(0, 10);
  const page = await garden.open(`#/feeder-40/${longAgo}`);
  await photos(page).waitFor();
  await expect.poll(() => isInSight(page, "Feeders")).toBe(true);
  await expect.poll(() => isInSight(page, "Days")).toBe(true);

  await page.evaluate(() => {
    location.hash = "#/feeder-12";
  });
  await page.getByRole("heading", { name: "Today at feeder-12" }).waitFor();
  expect(await isInSight(page, "Feeders")).toBe(true);
});

/** The current link of a strip, whole and not only its edge. */
function isInSight(page: Page, name: string): Promise<boolean> {
  return page
    .getByRole("navigation", { name })
    .locator("[aria-current]")
    .evaluate((link) => {
      const { left, right } = link.getBoundingClientRect();
      const row = link.closest("ul")?.getBoundingClientRect();
      return row !== undefined && left >= row.left && right <= row.right;
    });
}

test("photos and clips are counted apart, and the same in every place", async ({ garden }) => {
  const withPhotos = await garden.join("garden");
  await withPhotos.upload({ captureId: "p1" });
  await withPhotos.upload({ captureId: "p2" });
  const clipsOnly = await garden.join("clips-only");
  for (const captureId of ["m1", "m2"]) {
    await clipsOnly.upload({ captureId, contentType: "video/mp4", bytes: Buffer.from(captureId) });
  }
  // Forgets its events: what is shown was asked for, not heard.
  await garden.stopServer();
  await garden.startServer();
  const page = await garden.open();
  await page.getByText("2 photos, 2 clips", { exact: true }).waitFor();
  await strip(page)
    .getByRole("link", { name: "All feeders 0 of 2 online, 2 photos today" })
    .waitFor();
  await strip(page)
    .getByRole("link", { name: "clips-only Last seen just now", exact: true })
    .click();
  await page.getByText("2 clips", { exact: true }).waitFor();
});

test("a newest photo that is no picture has no broken image beside its feeder", async ({
  garden,
}) => {
  await garden.join("garden");
  const feeder = await garden.join("orchard");
  await feeder.upload({ captureId: "c1", bytes: Buffer.from("not a picture") });
  const page = await garden.open();
  await strip(page).locator(".no-image").waitFor();
  expect(await strip(page).locator("img").count()).toBe(0);
});

test.for([
  { width: 320, id: "W".repeat(48) },
  { width: 390, id: "W".repeat(48) },
  { width: 320, id: "the-apple-tree-by-the-well" },
])(
  "an id of $id.length letters fits on a page $width px wide",
  async ({ width, id }, { garden }) => {
    await garden.join("garden");
    const feeder = await garden.join(id);
    garden.visits.set(id, () => {
      feeder.send({ type: "event.visit", payload: { captureId: "v1", trigger: "pir" } });
      const failed = {
        captureId: "v1",
        ok: false,
        reason: "camera_silent",
        latency_ms: 1,
      } as const;
      feeder.send({ type: "event.capture", payload: failed });
    });
    await feeder.upload({ captureId: "c1" });
    const page = await garden.open("#/", { viewport: { width, height: 700 } });
    const breadth = () => page.evaluate(() => document.documentElement.scrollWidth);
    await photos(page).waitFor();
    await page.getByRole("button", { name: "Visit now" }).click();
    await page.getByText(`No new photo from ${id}`).waitFor();
    await page.getByText("Happening now").click();
    const events = page.getByRole("list", { name: "Events, newest first" });
    await events.getByText(id, { exact: true }).first().waitFor();
    expect(await events.evaluate((list) => list.scrollWidth - list.clientWidth)).toBe(0);
    expect(await breadth()).toBe(width);

    await strip(page).getByRole("link", { name: id }).click();
    await page.getByRole("heading", { name: `Today at ${id}` }).waitFor();
    expect(await breadth()).toBe(width);
    await photos(page).click();
    const dialog = page.getByRole("dialog", { name: "Photo" });
    await dialog.getByRole("img").first().waitFor();
    expect(await dialog.evaluate((viewer) => viewer.scrollWidth)).toBe(width);
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.waitForURL(`${garden.url}/#/${id}`);

    // A page of its own: closing the photo went back in this one's history, which a new address would race with.
    const lost = await garden.open(`#/${id.slice(1)}`, { viewport: { width, height: 700 } });
    await lost.getByRole("heading", { name: "No feeder is called" }).waitFor();
    expect(await lost.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  },
);
