import { bundlePosition, TreePositions } from "./bundle-positions.ts";
import { decodeAddresses, type ElfFile } from "./elf-file.ts";
import type { MonitoredLine } from "./monitored-line.ts";
import { panickedElf } from "./panic-text.ts";

/** A panic's backtrace repeats itself in a boot loop: a tool that runs for each would be behind for ever. */
const WAITING_MAX = 8;

/** Says what addresses and positions mean in the source, behind the lines that have them and in their order. */
export class Explanations {
  readonly #elf: ElfFile | undefined;
  readonly #say: (text: string) => void;
  readonly #positions = new TreePositions();
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isHinted = false;

  constructor(elf: ElfFile | undefined, say: (text: string) => void) {
    this.#elf = elf;
    this.#say = say;
  }

  explain({ kind, text, addresses }: MonitoredLine): void {
    if (kind === "panic") this.#checkElf(text);
    if (addresses !== undefined) this.#decode(addresses);
    const position = kind === "exception" ? bundlePosition(text) : undefined;
    if (position === undefined) return;
    this.#queueUp(async () => {
      const place = await this.#positions.find(position);
      return place === undefined ? [] : [`  at ${place}`];
    });
  }

  /** Resolves when nothing is left to say. */
  end(): Promise<void> {
    return this.#queue;
  }

  #decode(addresses: readonly string[]): void {
    const elf = this.#elf;
    if (elf !== undefined) return this.#queueUp(() => decodeAddresses(elf, addresses));
    if (!this.#isHinted) this.#say("--elf FILE, from the same build, decodes these addresses");
    this.#isHinted = true;
  }

  #checkElf(text: string): void {
    const sha256 = panickedElf(text);
    if (sha256 === undefined || this.#elf === undefined) return;
    if (this.#elf.sha256.startsWith(sha256)) return;
    this.#say(
      `${this.#elf.path} is not what the board runs: its SHA-256 differs, and so may lines`,
    );
  }

  #queueUp(explain: () => Promise<readonly string[]>): void {
    if (this.#waiting === WAITING_MAX) return;
    this.#waiting++;
    this.#queue = this.#queue.then(async () => {
      for (const text of await explain()) this.#say(text);
      this.#waiting--;
    });
  }
}
