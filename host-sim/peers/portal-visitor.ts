import type { StagedFeeder } from "../staged-feeder.ts";
import type { World } from "../world.ts";
import { Phone, type PhoneAnswer } from "./phone.ts";

/** Reading a line, or a page. */
const READ_MS = 2_000;
/** Choosing a network and typing three things. */
const TYPE_MS = 12_000;
/** How often the page looks by itself. */
const LOOK_MS = 2_500;
const SHOWN = /portal: join (\S+) with (\S+), open http:\/\/([\d.]+)\//;

export interface Typed {
  readonly ssid: string;
  readonly password: string;
  readonly server: string;
  readonly name: string;
}

/** Somebody with a phone and a serial cable, who sets a feeder up by its page. */
export class PortalVisitor {
  readonly phone: Phone;
  /** Headings and alerts of the page, each once as long as it stays. */
  readonly read: string[] = [];
  readonly #world: World;
  readonly #feeder: StagedFeeder;
  readonly #typed: Typed[];

  /** `typed`: what is typed the first time, the second time ... */
  constructor(world: World, feeder: StagedFeeder, typed: readonly Typed[]) {
    this.#world = world;
    this.#feeder = feeder;
    this.#typed = [...typed];
    this.phone = new Phone(world, feeder.board.radio.softAp);
  }

  /** Waits for the portal's line on the log, and goes on from there. */
  begin(): void {
    const [, ssid, password, address] = this.#feeder.log.flatMap((line) => SHOWN.exec(line) ?? []);
    if (ssid === undefined || password === undefined || address === undefined) {
      this.#world.after(READ_MS, () => this.begin());
      return;
    }
    this.phone.join(ssid, password);
    this.#look(address);
  }

  #look(address: string): void {
    this.phone.ask({ host: address, path: "/" }, (answer) => this.#see(address, answer));
  }

  #see(address: string, answer: PhoneAnswer | undefined): void {
    const page = answer?.body ?? "";
    for (const text of [/<h1>([^<]*)/, /role="alert">([^<]*)/, /class="code"[^>]*>([^<]*)/]) {
      const found = text.exec(page)?.[1];
      if (found !== undefined && !this.read.includes(found)) this.read.push(found);
    }
    const typed = page.includes("Set up this feeder") ? this.#typed.shift() : undefined;
    if (typed !== undefined) this.#world.after(TYPE_MS, () => this.#submit(address, page, typed));
    else if (!page.includes("is online")) this.#world.after(LOOK_MS, () => this.#look(address));
  }

  #submit(address: string, page: string, { ssid, ...typed }: Typed): void {
    const token = /name="token" value="([^"]*)"/.exec(page)?.[1] ?? "";
    const isListed = page.includes(`<option value="${ssid}"`);
    const network = isListed ? { ssid, other: "" } : { ssid: "", other: ssid };
    const form = { token, ...network, ...typed };
    this.phone.ask({ host: address, path: "/setup", form }, () => this.#look(address));
  }
}
