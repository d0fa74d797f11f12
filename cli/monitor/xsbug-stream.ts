import { type InstrumentReadings, readingsOf } from "./instruments.ts";
import type { MonitoredLine } from "./monitored-line.ts";

/** What a debug build (mcconfig -d) says to its debugger. */
export type XsbugNews =
  /** A piece of what the firmware traced: lines end where it says so. */
  | { readonly kind: "traced"; readonly text: string }
  | { readonly kind: "line"; readonly line: MonitoredLine }
  | { readonly kind: "readings"; readonly readings: InstrumentReadings };

const TAG_MAX = 1024;
const TEXT_MAX = 4096;
const INSTRUMENTS_MAX = 64;
const OPENING = "<xsbug>";
/** What no debug stream begins a line with: the board has started anew, or is ending. */
const INTERRUPTION = /^(ets |rst:0x|ESP-ROM:|Guru Meditation|abort\(\) was|Backtrace:)/;
/** Whose text is of use; the rest, frames and variables for example, is for a debugger's windows. */
const READ = new Set(["log", "break", "samples"]);

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Reads the XML of XS's debugger protocol (xsDebug.c of the SDK) as it comes. Bounded, whatever comes; it answers
 * nothing, so a build that waits for its debugger goes on waiting.
 */
export class XsbugStream {
  #isInside = false;
  /** Undefined outside of a tag. */
  #tag: string | undefined;
  #element: Element | undefined;
  #text = "";
  #instruments: string[] = [];

  /** Is this line of the stream? */
  accepts(line: string): boolean {
    if (this.#isInside && INTERRUPTION.test(line)) this.#isInside = false;
    return this.#isInside || line.startsWith(OPENING) || line.startsWith("<?xs");
  }

  read(text: string): readonly XsbugNews[] {
    if (text.startsWith(OPENING)) this.#start();
    if (!this.#isInside) return [];
    const news: XsbugNews[] = [];
    for (const character of text) {
      if (character === "<") this.#tag = "";
      else if (this.#tag === undefined) this.#addText(character);
      else if (character === ">") news.push(...this.#endTag(this.#tag));
      else if (this.#tag.length < TAG_MAX) this.#tag += character;
    }
    return news;
  }

  #start(): void {
    this.#isInside = true;
    this.#tag = undefined;
    this.#element = undefined;
  }

  #addText(character: string): void {
    if (this.#element !== undefined && this.#text.length < TEXT_MAX) this.#text += character;
  }

  #endTag(tag: string): readonly XsbugNews[] {
    this.#tag = undefined;
    if (tag === "/xsbug") this.#isInside = false;
    const closes = tag.startsWith("/") ? tag.slice(1) : undefined;
    if (closes !== undefined) return closes === this.#element?.name ? this.#endElement() : [];
    const element = parseTag(tag);
    if (READ.has(element.name)) {
      this.#element = element;
      this.#text = "";
    }
    return this.#takeEmpty(element);
  }

  #takeEmpty({ name, attributes }: Element): readonly XsbugNews[] {
    if (name === "instruments") this.#instruments = [];
    if (name === "instrument" && this.#instruments.length < INSTRUMENTS_MAX) {
      this.#instruments.push(attributes.name ?? "");
    }
    if (name === "login") return [debuggerLine("info", `${attributes.name}: ${attributes.value}`)];
    if (name === "import") return [debuggerLine("warn", `waits for module ${attributes.path}`)];
    return [];
  }

  #endElement(): readonly XsbugNews[] {
    const { name = "", attributes = {} } = this.#element ?? {};
    const text = plainText(this.#text);
    this.#element = undefined;
    if (name === "samples") {
      const readings = readingsOf(text, this.#instruments);
      return readings === undefined ? [] : [{ kind: "readings", readings }];
    }
    const { path, line } = attributes;
    const place = path === undefined ? "" : ` (${path}:${line})`;
    const said = text.trim().replace(/^# /, "");
    if (name === "break") {
      return [debuggerLine("warn", `${said}${place}; it waits for xsbug to go on`)];
    }
    if (path === undefined) return [{ kind: "traced", text }];
    const level = said.startsWith("Warning: ") ? "warn" : "error";
    const isThrown = /^(Exception|Error|Warning): /.test(said);
    if (!isThrown) return [debuggerLine("info", `${said}${place}`)];
    return [{ kind: "line", line: { kind: "exception", level, tag: "xs", text: said + place } }];
  }
}

function debuggerLine(level: "info" | "warn", text: string): XsbugNews {
  return { kind: "line", line: { kind: "debugger", level, tag: "xsbug", text } };
}

function parseTag(tag: string): Element {
  const [, name = ""] = /^(\w{1,32})/.exec(tag) ?? [];
  const found = tag.matchAll(/ (\w{1,32})="([^"]*)"/g);
  return {
    name,
    attributes: Object.fromEntries(
      [...found].map(([, key, value]) => [key, plainText(`${value}`)]),
    ),
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function plainText(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|([a-z]{1,4}));/g, (whole, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
