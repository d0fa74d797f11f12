/** `test` with a browser for each file and a garden for each test, whose page must not complain. */
import { test as base, expect } from "vitest";
import { launchChromium } from "./chromium.ts";
import { Garden } from "./garden.ts";

/** What the browser itself logs while a server is away; the page has to say it in its own words. */
const AWAY = /net::ERR_|^WebSocket connection to/;

const DAY_MS = 86_400_000;

export const PASSWORD = "robins at the feeder";
/** The browser logs every answer that is a refusal; what it means stands on the page. */
const REFUSED = /^Failed to load resource: .* status of 40[149]/;

export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads the pattern to know what a fixture needs
  .extend("browser", { scope: "file" }, async ({}, { onCleanup }) => {
    const browser = await launchChromium();
    onCleanup(() => browser.close());
    return browser;
  })
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads the pattern to know what a fixture needs
  .extend("aheadMs", { scope: "file" }, async ({}, { onCleanup }) => {
    // At noon what a test takes for today was so minutes ago, and is so still at its end.
    const { now } = Date;
    const aheadMs = DAY_MS / 2 - (now() % DAY_MS);
    Date.now = () => now() + aheadMs;
    onCleanup(() => {
      Date.now = now;
    });
    return aheadMs;
  })
  .extend("garden", async ({ browser, aheadMs }, { onCleanup }) => {
    const garden = new Garden(browser, aheadMs);
    onCleanup(async () => {
      await garden[Symbol.asyncDispose]();
      expect(garden.complaints.filter((text) => !AWAY.test(text))).toEqual([]);
    });
    await garden.startServer();
    return garden;
  })
  .extend("closedGarden", async ({ browser, aheadMs }, { onCleanup }) => {
    const garden = new Garden(browser, aheadMs, PASSWORD);
    onCleanup(async () => {
      await garden[Symbol.asyncDispose]();
      const unexpected = garden.complaints.filter(
        (text) => !AWAY.test(text) && !REFUSED.test(text),
      );
      expect(unexpected).toEqual([]);
    });
    await garden.startServer();
    return garden;
  });
