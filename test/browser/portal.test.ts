import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { RIGHT, startPortal } from "../flows/portal-world.ts";
import { findBarriers, SCREENS } from "./barriers.ts";
import { test } from "./page-test.ts";
import { PhoneProxy } from "./phone-proxy.ts";

/** What an iPhone opens by itself in a network that is not the Internet. */
const PROBE = "http://captive.apple.com/hotspot-detect.html";

const PHONE = { phone: SCREENS.phone };

/** Somebody with a phone in the network of a board from the factory. */
async function openPortal(
  browser: Browser,
  options: { readonly javaScriptEnabled?: boolean } = {},
) {
  const garden = await startPortal({ closedServer: true });
  await garden.runFor(5_000);
  const { phone } = garden.visitor;
  phone.join("SkyFeeder-FFEE", garden.stored("portalPassword") ?? "");
  await garden.runFor(3_000);
  const proxy = new PhoneProxy(garden.world, phone);
  const server = await proxy.listen();
  const context = await browser.newContext({
    viewport: SCREENS.phone,
    proxy: { server },
    ...options,
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return {
    garden,
    page,
    proxy,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close();
      await proxy[Symbol.asyncDispose]();
      expect(proxy.failure).toBeUndefined();
    },
  };
}

async function fill(page: Page, password: string): Promise<void> {
  await page.getByLabel("Wi-Fi network").selectOption(RIGHT.ssid);
  await page.getByLabel("Its password").fill(password);
  await page.getByLabel("Server").fill(RIGHT.server);
  await page.getByLabel("Name of the feeder").fill(RIGHT.name);
  await page.getByRole("button", { name: "Connect" }).click();
}

test("a phone opens the page by itself, is told of a wrong password, and sees the claim code", async ({
  browser,
}) => {
  await using portal = await openPortal(browser);
  const { garden, page, proxy, complaints } = portal;
  await page.goto(PROBE);
  expect(page.url()).toBe("http://4.3.2.1/");
  await page.getByRole("heading", { name: "Set up this feeder" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  await fill(page, "not-the-one");
  await page.getByRole("heading", { name: "Trying garden" }).waitFor();
  await proxy.hurry(page.getByRole("alert").getByText("did not take this password").waitFor());
  expect(await findBarriers(page, PHONE)).toEqual([]);
  expect(await page.getByLabel("Its password").inputValue()).toBe("");
  expect(await page.getByLabel("Server").inputValue()).toBe(RIGHT.server);

  await fill(page, RIGHT.password);
  await proxy.hurry(page.getByRole("heading", { name: "One step left" }).waitFor());
  const code = await page.getByRole("status").innerText();
  expect(code).toBe(garden.feeder.claimCode);
  expect(await findBarriers(page, PHONE)).toEqual([]);
  await garden.stage.approve(garden.feeder.deviceId);
  await page.getByRole("heading", { name: "The feeder is online" }).waitFor();
  // What the browser itself says while the network is away.
  expect(complaints.filter((text) => !text.includes("net::ERR_"))).toEqual([]);
}, 120_000);

test("without scripts the page is looked at by hand", async ({ browser }) => {
  await using portal = await openPortal(browser, { javaScriptEnabled: false });
  const { page, proxy } = portal;
  await page.goto(PROBE);
  await page.getByRole("button", { name: "Look for networks again" }).click();
  await page.getByRole("heading", { name: "Looking for networks" }).waitFor();
  await page.getByRole("heading", { name: "Set up this feeder" }).waitFor();
  await fill(page, "not-the-one");
  await page.getByRole("link", { name: "Look again" }).click();
  await proxy.hurry(page.getByRole("alert").getByText("did not take this password").waitFor());
}, 120_000);
