import type { Page } from "playwright-core";
import { expect } from "vitest";
import { findBarriers, SCREENS } from "./barriers.ts";
import type { Garden } from "./garden.ts";
import { PASSWORD, test } from "./page-test.ts";

const NO_SCRIPT = { javaScriptEnabled: false, viewport: SCREENS.phone };

/** A feeder asks to be let in; answers the code it shows. */
async function askToBeLetIn({ url }: Garden, deviceId: string): Promise<string> {
  const body = JSON.stringify({ deviceId });
  const answer = await fetch(`${url}/v1/enrolment`, { method: "POST", body });
  return String(((await answer.json()) as { claimCode: string }).claimCode);
}

async function logIn(page: Page): Promise<void> {
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
}

test("without script an operator logs in, lets feeders in, puts one out, makes a key, and logs out", async ({
  closedGarden: garden,
}) => {
  const porchCode = await askToBeLetIn(garden, "porch");
  await askToBeLetIn(garden, "orchard");
  const page = await garden.open("fleet", NO_SCRIPT);
  await page.locator("#password:focus").waitFor();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/fleet$/);

  await page.getByLabel("Claim code").fill(porchCode);
  await page.keyboard.press("Enter");
  await page.getByText("Done: let porch in.").waitFor();
  await page.getByRole("button", { name: "Approve orchard" }).click();
  await page.getByText("Done: let orchard in.").waitFor();
  await page.getByText("No feeder waits.").waitFor();

  await page.getByText("Revoke orchard", { exact: true }).first().click();
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  await page.getByRole("button", { name: "Revoke orchard" }).click();
  await page.getByText("Done: put orchard out.").waitFor();

  await page.getByLabel("Name of a new key").fill("door bell");
  await page.keyboard.press("Enter");
  const key = page.getByLabel("The key of door bell");
  expect(await key.inputValue()).toMatch(/^skf_/);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);

  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.goto(`${garden.url}/fleet`);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
});

test("nothing bars the way in, nor on the page of a fleet that has no feeder", async ({
  closedGarden: garden,
}) => {
  const page = await garden.open("fleet");
  await page.getByLabel("Password").fill("guess");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("That is not the password.").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "password");
  expect(await findBarriers(page)).toEqual([]);

  await logIn(page);
  await page.getByText("No feeder waits.").waitFor();
  expect(await findBarriers(page)).toEqual([]);
});

test("nothing bars the way on the page of a fleet", async ({ closedGarden: garden }) => {
  const page = await garden.open("fleet");
  await logIn(page);
  for (const deviceId of ["porch", "orchard"]) {
    await page.getByLabel("Claim code").fill(await askToBeLetIn(garden, deviceId));
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    await page.getByText(`Done: let ${deviceId} in.`).waitFor();
  }
  await askToBeLetIn(garden, "porch");
  await page.getByLabel("Name of a new key").fill("door bell");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByText("Copy it now").waitFor();
  expect(await findBarriers(page)).toEqual([]);

  await page.getByLabel("Claim code").fill("BBBB-BBBB");
  await page.keyboard.press("Enter");
  await page.getByText("No feeder waits with this code.").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "code");
  await page.getByText("Revoke porch", { exact: true }).first().click();
  expect(await findBarriers(page)).toEqual([]);
});

test("whoever follows a link to a day logs in first, and is on that day then", async ({
  closedGarden: garden,
}) => {
  const page = await garden.open("#/-/2026-05-01");
  await logIn(page);
  await page.getByRole("heading", { name: "1 May" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole("link", { name: "Fleet" }).click();
  await page.getByRole("link", { name: "Photos" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
});

test("a gallery whose session ended leads to the log-in, and back to where it was", async ({
  closedGarden: garden,
}) => {
  const page = await garden.open();
  await logIn(page);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.context().clearCookies();
  await page.goto(`${garden.url}/#/porch/2026-05-01`);
  await logIn(page);
  await page.getByRole("heading", { name: "1 May" }).waitFor();
  expect(page.url()).toBe(`${garden.url}/#/porch/2026-05-01`);
});

test("a server without a password offers neither", async ({ garden }) => {
  const page = await garden.open();
  await page.getByText("Live", { exact: true }).waitFor();
  expect(await page.getByRole("link", { name: "Fleet" }).count()).toBe(0);
  expect(await page.getByRole("button", { name: "Log out" }).count()).toBe(0);
});
