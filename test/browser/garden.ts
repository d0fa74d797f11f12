/** A server on a free port with its page open in a browser. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { PAGE_FOLDER } from "../../cli/page-build.ts";
import { type RunningServer, startServer } from "../../server-min/node.ts";
import { type FeederClient, joinAsFeeder } from "./feeder-client.ts";

/** What is not there by then is not coming, also on a machine with other work. */
const WAIT_MAX_MS = 20_000;

export class Garden implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #aheadMs: number;
  readonly #adminPassword: string | undefined;
  readonly #dataDir = mkdtempSync(join(tmpdir(), "skyfeeder-page-"));
  readonly #pages: Page[] = [];
  #server: RunningServer | undefined;
  #port = 0;
  /** What the browser's console called an error, and exceptions nobody caught. */
  readonly complaints: string[] = [];

  /** What happens when a visit is asked for, by device; who is in here counts as simulated. */
  readonly visits = new Map<string, () => void>();

  /** `aheadMs` is what this process's clock is ahead by: its pages have the same time. */
  constructor(browser: Browser, aheadMs: number, adminPassword?: string) {
    this.#browser = browser;
    this.#aheadMs = aheadMs;
    this.#adminPassword = adminPassword;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the same port and data each time. */
  async startServer(): Promise<void> {
    const started = await startServer({
      host: "127.0.0.1",
      port: this.#port,
      dataDir: this.#dataDir,
      dashboardDir: PAGE_FOLDER,
      adminPassword: this.#adminPassword,
      notice: () => {},
      simulation: {
        deviceIds: () => [...this.visits.keys()],
        visit: (deviceId) => this.visits.get(deviceId)?.(),
      },
    });
    if (started.kind === "failed") throw new Error(`server did not start: ${started.reason}`);
    this.#server = started;
    this.#port = Number(new URL(started.url).port);
  }

  async stopServer(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  join(deviceId: string): Promise<FeederClient> {
    return joinAsFeeder(this.url, deviceId);
  }

  async open(address = "#/", options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.blankPage(options);
    await page.goto(`${this.url}/${address}`);
    return page;
  }

  async blankPage(options: BrowserContextOptions = {}): Promise<Page> {
    const viewport = { width: 1280, height: 900 };
    const context = await this.#browser.newContext({ viewport, ...options });
    context.setDefaultTimeout(WAIT_MAX_MS);
    await context.addInitScript((aheadMs) => {
      const { now } = Date;
      Date.now = () => now() + aheadMs;
    }, this.#aheadMs);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    this.#pages.push(page);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pages.map((page) => page.context().close()));
    await this.stopServer();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
