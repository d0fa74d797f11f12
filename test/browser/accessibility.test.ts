import type { Page } from "playwright-core";
import { expect } from "vitest";
import { findBarriers, findViolations, SCREENS, settle } from "./barriers.ts";
import { entryBytes } from "./entry-bytes.ts";
import { uploadStatus } from "./feeder-client.ts";
import type { Garden } from "./garden.ts";
import { test } from "./page-test.ts";

const photos = (page: Page) => page.getByRole("link", { name: /^Photo from/ });

async function fillGarden(garden: Garden): Promise<void> {
  const nowMs = Date.now();
  for (const deviceId of ["garden", "orchard"]) {
    const feeder = await garden.join(deviceId);
    garden.visits.set(deviceId, () => {});
    feeder.send({ type: "event.visit", payload: { captureId: "c1", trigger: "pir" } });
    const reason = "camera_silent";
    feeder.send({
      type: "event.capture",
      payload: { captureId: "c1", ok: false, reason, latency_ms: 1 },
    });
    feeder.send(uploadStatus("uploading", "c2"));
    for (const minutes of [1, 2, 3, 1500]) {
      const capturedAtMs = nowMs - minutes * 60_000;
      await feeder.upload({ captureId: `c${minutes}-${deviceId}`, capturedAtMs });
    }
  }
}

test("nothing bars the way to the photos, nor to one of them", async ({ garden }) => {
  await fillGarden(garden);
  const page = await garden.open();
  await photos(page).nth(5).waitFor();
  await page.getByRole("button", { name: "Visit now" }).click();
  await page.getByText("The feeder rests for a few seconds").waitFor();
  expect(await findBarriers(page)).toEqual([]);

  await photos(page).first().click();
  await page.getByRole("dialog").getByRole("img").waitFor();
  expect(await findBarriers(page)).toEqual([]);
});

test("nothing bars the way when there is nothing to see and nobody to ask", async ({ garden }) => {
  const page = await garden.open();
  await page.getByRole("heading", { name: "No feeder yet" }).waitFor();
  await garden.stopServer();
  await page.getByText("The server has not answered since").waitFor();
  expect(await findBarriers(page)).toEqual([]);
});

test("a long list of events on a phone bars nothing", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const page = await garden.open("#/", { viewport: SCREENS.phone });
  await page.getByText("Live", { exact: true }).waitFor();
  for (let grams = 1; grams <= 40; grams += 1) {
    const payload = { captureId: `c${grams}`, trigger: "weight", weight_g: grams } as const;
    feeder.send({ type: "event.visit", payload });
  }
  await page.getByText("A bird landed, 40 g").first().waitFor();
  await page.getByText("Happening now").click();
  await page.getByText("A bird landed, 1 g").waitFor();
  await settle(page);
  expect(await findViolations(page)).toEqual([]);
});

test("nothing on a full page moves once it can be seen, and nothing is wider than the screen", async ({
  garden,
}) => {
  await fillGarden(garden);
  const page = await garden.open("#/", { viewport: SCREENS.phone });
  await page
    .getByRole("link", { name: /^Photo from/ })
    .nth(5)
    .waitFor();
  await page.getByText("Live", { exact: true }).waitFor();

  const shift = await page.evaluate(async () => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum += Reflect.get(entry, "value");
    }).observe({ type: "layout-shift", buffered: true });
    // What was buffered is told before the frame after the next.
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    return sum;
  });
  // What a browser vendor calls good is 0.1.
  expect(shift).toBeLessThan(0.02);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test("the page asks nobody but its own server", async ({ garden }) => {
  await fillGarden(garden);
  const page = await garden.blankPage();
  const asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).origin));
  await page.goto(`${garden.url}/#/`);
  await page
    .getByRole("link", { name: /^Photo from/ })
    .nth(5)
    .waitFor();
  expect([...asked]).toEqual([garden.url]);
});

test("what the page needs before it can show anything stays small", async () => {
  const { script, style } = entryBytes();
  expect(script).toBeLessThanOrEqual(20_500);
  expect(style).toBeLessThanOrEqual(15_000);
});
