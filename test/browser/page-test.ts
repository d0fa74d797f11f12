/** `test` with a browser for each file and a garden for each test, whose page must not complain. */
import { test as base, expect } from "vitest";
import { launchChromium } from "./chromium.ts";
import { Garden } from "./garden.ts";

/** What the browser itself logs while a server is away; the page has to say it in its own words. */
const AWAY = /net::ERR_|^WebSocket connection to/;

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
  .extend("garden", async ({ browser }, { onCleanup }) => {
    const garden = new Garden(browser);
    onCleanup(async () => {
      await garden[Symbol.asyncDispose]();
      expect(garden.complaints.filter((text) => !AWAY.test(text))).toEqual([]);
    });
    await garden.startServer();
    return garden;
  })
  .extend("closedGarden", async ({ browser }, { onCleanup }) => {
    const garden = new Garden(browser, PASSWORD);
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
