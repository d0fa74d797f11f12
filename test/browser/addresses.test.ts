import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Garden } from "./garden.ts";
import { test } from "./page-test.ts";

const photos = (page: Page) => page.getByRole("link", { name: /^Photo from/ });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Photo" });

/** A day of a fixed year: names of days leave this year's out. */
async function openInMarch(garden: Garden, address: string): Promise<Page> {
  const page = await garden.blankPage();
  await page.clock.setFixedTime("2026-03-01T12:00:00Z");
  await page.goto(`${garden.url}/${address}`);
  return page;
}

test("a link to a photo opens it, and closing it shows its day", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const capturedAtMs = Date.parse("2026-01-31T12:00:00Z");
  await feeder.upload({ captureId: "c1", capturedAtMs });
  const page = await openInMarch(garden, "#/garden/2026-01-31/c1");

  await dialog(page).getByRole("img", { name: "Photo from garden" }).waitFor();
  await dialog(page).getByRole("button", { name: "Close" }).click();

  await page.waitForURL(`${garden.url}/#/garden/2026-01-31`);
  await page.getByRole("heading", { name: "Saturday 31 January at garden" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "photo-garden-c1");

  await page.goto(`${garden.url}/#/garden/2026-01-31/gone`);
  await dialog(page).getByText("not in the gallery any more").waitFor();
});

test("an answer that comes after the reader moved on is not shown", async ({ garden }) => {
  const feeder = await garden.join("garden");
  await feeder.upload({ captureId: "c1", capturedAtMs: Date.parse("2026-01-31T12:00:00Z") });
  await feeder.upload({ captureId: "c2", capturedAtMs: Date.parse("2026-02-01T12:00:00Z") });
  const page = await openInMarch(garden, "#/garden/2026-02-01");
  await page.locator("#photo-garden-c2").waitFor();
  const released = Promise.withResolvers<void>();
  await page.route("**/v1/index/garden/2026-01-31", async (route) => {
    await released.promise;
    await route.continue();
  });

  const days = page.getByRole("navigation", { name: "Days" });
  const late = page.waitForResponse("**/v1/index/garden/2026-01-31");
  await days.getByRole("link", { name: "Sat 31 Jan" }).click();
  await page.getByText("Loading photos").waitFor();
  await days.getByRole("link", { name: "Sun 1 Feb" }).click();
  await page.locator("#photo-garden-c2").waitFor();
  released.resolve();
  await (await late).finished();

  await page.evaluate(() => new Promise(requestAnimationFrame));
  expect(await photos(page).count()).toBe(1);
  await page.locator("#photo-garden-c2").waitFor();
});

test("a day of another year says which, in the heading and among the days", async ({ garden }) => {
  const feeder = await garden.join("garden");
  await feeder.upload({ captureId: "c1", capturedAtMs: Date.parse("2025-12-31T12:00:00Z") });
  await feeder.upload({ captureId: "c2", capturedAtMs: Date.parse("2026-01-01T12:00:00Z") });
  const page = await openInMarch(garden, "#/garden/2025-12-31");
  await page.getByRole("heading", { name: "Wednesday 31 December 2025 at garden" }).waitFor();
  const days = page.getByRole("navigation", { name: "Days" });
  await days.getByRole("link", { name: "Wed 31 Dec 2025" }).waitFor();
  await days.getByRole("link", { name: "Thu 1 Jan 1 picture" }).waitFor();
});

test.for(["#/garden/2026-02-30", "#/garden/yesterday", "#/%zz", "#/%zz/%"])(
  "%s leads nowhere, and nobody asks the server for it",
  async (address, { garden }) => {
    const feeder = await garden.join("garden");
    await feeder.upload({ captureId: "c1" });
    const page = await garden.blankPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${garden.url}/${address}`);

    await page.getByRole("heading", { name: "This link leads nowhere", exact: true }).waitFor();
    expect(await page.title()).toBe("This link leads nowhere · SkyFeeder");
    feeder.send({ type: "event.visit", payload: { captureId: "c2", trigger: "pir" } });
    await page.getByText("A bird landed").waitFor();
    const today = new Date(Date.now()).toISOString().slice(0, 10);
    const questions = new Set(asked.filter((path) => /^\/v1\/(index|days)/.test(path)));
    expect(questions).toEqual(new Set([`/v1/index/garden/${today}`, "/v1/days/garden"]));

    await page.getByRole("link", { name: "Show today" }).click();
    await page.getByRole("heading", { name: "Today at garden" }).waitFor();
    await photos(page).waitFor();
  },
);

test("a refused question is shown, not swallowed", async ({ garden }) => {
  await garden.join("garden");
  const page = await garden.blankPage();
  const json = { title: "The disk is full", code: "storage_full" };
  await page.route("**/v1/index/**", (route) => route.fulfill({ status: 507, json }));
  await page.goto(`${garden.url}/#/garden`);
  await page.getByRole("heading", { name: "These photos cannot be shown" }).waitFor();
  await page.getByText("The disk is full (storage_full)").waitFor();
  // It asks again at every event, and the browser complains of each refusal.
  await page.close();
  garden.complaints.length = 0;
});
