import type { Page } from "playwright-core";
import { uploadStatus } from "./feeder-client.ts";
import { test } from "./page-test.ts";

const dialog = (page: Page) => page.getByRole("dialog", { name: "Photo" });

test("Visit now follows the bird from the click into the gallery", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const captureId = "v1";
  const visit = { captureId, trigger: "pir" } as const;
  garden.visits.set("garden", () => feeder.send({ type: "event.visit", payload: visit }));
  const page = await garden.open();

  await page.getByRole("button", { name: "Visit now" }).click();
  await page.getByText("Waking the camera.").waitFor();
  feeder.send({ type: "event.capture", payload: { captureId, ok: true, latency_ms: 2900 } });
  await page.getByText("Uploading the photo.").waitFor();
  feeder.send(uploadStatus("uploading", captureId));
  const { key } = await feeder.upload({ captureId });
  feeder.send(uploadStatus("success", captureId, key));

  await page.getByText(/A photo from garden, .* s after the click/).waitFor();
  await page.getByRole("link", { name: "A photo", exact: true }).click();
  await dialog(page).getByText("1 of 1").waitFor();
});

test("a visit without a photo says why", async ({ garden }) => {
  const feeder = await garden.join("garden");
  garden.visits.set("garden", () => {
    feeder.send({ type: "event.visit", payload: { captureId: "v1", trigger: "pir" } });
    feeder.send({
      type: "event.capture",
      payload: { captureId: "v1", ok: false, reason: "camera_unreachable", latency_ms: 9000 },
    });
  });
  const page = await garden.open();
  await page.getByRole("button", { name: "Visit now" }).click();
  await page.getByText("No new photo from garden: the camera did not wake up.").waitFor();
});

test("a visit that no feeder reports is given up", async ({ garden }) => {
  await garden.join("garden");
  garden.visits.set("garden", () => {});
  const page = await garden.blankPage();
  await page.clock.install();
  await page.goto(`${garden.url}/#/`);
  await page.getByRole("button", { name: "Visit now" }).click();
  await page.getByText("Asking a bird to land.").waitFor();
  await page.clock.runFor(6_000);
  await page.getByText("No new photo from garden: the feeder did not report a visit.").waitFor();
});

test("a visit while the feeder rests is told as that, not as a failure", async ({ garden }) => {
  const feeder = await garden.join("garden");
  garden.visits.set("garden", () => {});
  const page = await garden.blankPage();
  await page.clock.install();
  await page.goto(`${garden.url}/#/`);
  feeder.send({ type: "event.visit", payload: { captureId: "v1", trigger: "pir" } });
  await page.getByText("A bird landed").waitFor();
  await page.getByRole("button", { name: "Visit now" }).click();
  await page.getByText("The feeder rests for a few seconds after a visit. It looks").waitFor();
  await page.clock.runFor(6_000);
  await page.getByText("took this bird for the one before. Try again in a moment.").waitFor();
});
