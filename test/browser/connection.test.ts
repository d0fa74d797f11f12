import type { Page, WebSocketRoute } from "playwright-core";
import { expect } from "vitest";
import type { Garden } from "./garden.ts";
import { test } from "./page-test.ts";

const FEEDERS_PERIOD_MS = 15_000;
const PING_PERIOD_MS = 15_000;

const events = (page: Page) => page.getByRole("complementary", { name: "Happening now" });
const photos = (page: Page) => page.getByRole("link", { name: /^Photo from/ });
const live = (page: Page) => page.getByText("Live", { exact: true });

/** The page's wire to the real server, which can be cut, fall silent, and be mended. */
class Wire {
  #socket: WebSocketRoute | undefined;
  #isCut = false;
  #silent: WebSocketRoute | undefined;

  async lay(page: Page): Promise<void> {
    await page.routeWebSocket(/\/v1\/ws/, (socket) => {
      if (this.#isCut) return void socket.close();
      this.#socket = socket;
      const server = socket.connectToServer();
      server.onMessage((message) => this.#silent === socket || socket.send(message));
    });
  }

  async cut(): Promise<void> {
    this.#isCut = true;
    await this.#socket?.close();
  }

  /** For the connection of now; the next one is heard. */
  silence(): void {
    this.#silent = this.#socket;
  }

  mend(): void {
    this.#isCut = false;
  }
}

async function openOverWire(garden: Garden, wire: Wire): Promise<Page> {
  const page = await garden.blankPage();
  await wire.lay(page);
  await page.goto(`${garden.url}/#/`);
  await live(page).waitFor();
  return page;
}

test("what happened while the connection was cut is filled in, in order", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const wire = new Wire();
  const page = await openOverWire(garden, wire);
  feeder.send({ type: "event.visit", payload: { captureId: "c0", trigger: "pir" } });
  await events(page).getByText("A bird landed").waitFor();

  await wire.cut();
  await page.getByText("The server has not answered since").waitFor();
  feeder.send({
    type: "event.visit",
    payload: { captureId: "c1", trigger: "weight", weight_g: 18.4 },
  });
  feeder.send({ type: "event.capture", payload: { captureId: "c1", ok: true, latency_ms: 2900 } });
  await feeder.upload({ captureId: "c1" });
  wire.mend();
  await page.getByRole("button", { name: "Try now" }).click();

  await photos(page).waitFor();
  await events(page).getByText("Reconnected, 3 events filled in").waitFor();
  const texts = await events(page).getByRole("listitem").locator("p").allInnerTexts();
  expect(texts).toEqual([
    "Reconnected, 3 events filled in",
    "Photo taken after 2.9 s",
    "A bird landed, 18 g",
    "Connection to the server lost",
    "A bird landed",
  ]);
});

test("a restart of the server, which forgets its events, loses the page no photo", async ({
  garden,
}) => {
  const feeder = await garden.join("garden");
  await feeder.upload({ captureId: "before" });
  const wire = new Wire();
  const page = await openOverWire(garden, wire);
  await photos(page).waitFor();

  await wire.cut();
  await feeder.upload({ captureId: "meanwhile" });
  await garden.stopServer();
  await garden.startServer();
  wire.mend();

  await photos(page).nth(1).waitFor();
  await events(page)
    .getByText(/^Reconnected, .* the photos were loaded again$/)
    .waitFor();
  const returned = await garden.join("garden");
  await returned.upload({ captureId: "after" });
  await photos(page).nth(2).waitFor();
});

test("a page opened while the server is away shows the photos when it is back", async ({
  garden,
}) => {
  const feeder = await garden.join("garden");
  await feeder.upload({ captureId: "c1" });
  await garden.stopServer();
  await garden.startServer();
  const page = await garden.blankPage();
  await page.route("**/v1/**", (route) => route.abort());
  await page.goto(`${garden.url}/#/`);
  await page.getByRole("heading", { name: "The server does not answer" }).waitFor();

  await page.unroute("**/v1/**");
  await page.getByRole("button", { name: "Try now" }).click();
  await photos(page).waitFor();
});

test("a connection that fell silent without a word is noticed and made anew", async ({
  garden,
}) => {
  await garden.join("garden");
  const wire = new Wire();
  const page = await garden.blankPage();
  await page.clock.install();
  await wire.lay(page);
  await page.goto(`${garden.url}/#/`);
  await live(page).waitFor();

  wire.silence();
  await page.clock.runFor(2 * PING_PERIOD_MS);
  await events(page).getByText("Connection to the server lost").waitFor();
  await page.clock.runFor(1_000);
  await live(page).waitFor();
  await events(page).getByText("Reconnected, 0 events filled in").waitFor();
});

test("photos that did not load while the server was away are asked for again", async ({
  garden,
}) => {
  const feeder = await garden.join("garden");
  await feeder.upload({ captureId: "c1" });
  const wire = new Wire();
  const page = await garden.blankPage();
  await wire.lay(page);
  await page.route("**/v1/objects/**", (route) => route.abort());
  await page.goto(`${garden.url}/#/`);
  await page.getByText("This photo did not load").waitFor();

  await page.unroute("**/v1/objects/**");
  await wire.cut();
  await page.getByText("The server has not answered since").waitFor();
  wire.mend();
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByRole("img", { name: "Photo from garden" }).waitFor();
});

test("a photo that comes while an older answer is on its way is not lost", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const page = await garden.blankPage();
  const answered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.route("**/v1/index/**", async (route) => {
    const response = await route.fetch();
    answered.resolve();
    await released.promise;
    await route.fulfill({ response });
  });
  await page.goto(`${garden.url}/#/`);
  await answered.promise;
  await live(page).waitFor();
  await feeder.upload({ captureId: "c1" });
  feeder.send({ type: "event.visit", payload: { captureId: "c2", trigger: "pir" } });
  await events(page).getByText("A bird landed").waitFor();
  released.resolve();
  await photos(page).waitFor();
});

test("only the latest 200 events are kept", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const page = await garden.open();
  await live(page).waitFor();
  for (let grams = 1; grams <= 205; grams += 1) {
    const payload = { captureId: `c${grams}`, trigger: "weight", weight_g: grams } as const;
    feeder.send({ type: "event.visit", payload });
  }
  await events(page).getByText("A bird landed, 205 g").waitFor();
  expect(await events(page).getByRole("listitem").count()).toBe(200);
  await events(page).getByText("A bird landed, 6 g").waitFor();
});

test("a feeder that falls silent is said to be offline", async ({ garden }) => {
  const feeder = await garden.join("garden");
  const page = await garden.blankPage();
  await page.clock.install();
  await page.goto(`${garden.url}/#/`);
  await page.getByText("Online", { exact: true }).waitFor();
  await live(page).waitFor();

  feeder.leave();
  await expect
    .poll(async () => (await (await fetch(`${garden.url}/v1/devices`)).json()).devices[0].online)
    .toBe(false);
  await page.clock.runFor(FEEDERS_PERIOD_MS);
  await events(page).getByText("Went offline").waitFor();
  await page.getByText("Last seen just now").waitFor();
});
