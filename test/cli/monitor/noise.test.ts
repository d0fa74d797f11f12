import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameReader } from "../../../cli/monitor/frame-reader.ts";
import { LINE_BYTES_MAX } from "../../../cli/monitor/line-splitter.ts";
import type { MonitoredLine } from "../../../cli/monitor/monitored-line.ts";
import { improvPacket, readBoard } from "./read-board.ts";

/** 500 in every run, 10,000 by hand: test/long.ts. */
const numRuns = Number(process.env.NOISE_SEEDS ?? 500);

/** What a board may print, to be cut anywhere and mixed with anything. */
const PHRASES = [
  "info session: online\r\n",
  "\u001b[0;31mE (12) wifi: no\u001b[0m\n",
  "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
  "Backtrace: 0x400d2f18:0x3ffb1f10 0x400d3a59:0x3ffb1f30\r\n",
  "Guru Meditation Error: Core  0 panic'ed (IllegalInstruction)\r\n",
  "ELF file SHA256: 0123456789abcdef\r\n",
  "    at start (firmware.js:12:34)\n",
  "instruments key: Timers,Slot used\ninstruments: 1,2\ninstruments: ,\n",
  "================= CORE DUMP START =================\r\nQUJD\r\n",
  "================= CORE DUMP END =================\r\n",
  '\r\n<?xs.3ffb1234?>\r\n<xsbug><log path="a.ts" line="1"># Exception: x!\n</log></xsbug>\r\n',
  "<xsbug><log>x&#10;&#99999999;&lt</log>",
  '<xsbug><instruments><instrument name="a" value="b"/>',
  "<samples>1,2",
  "</xsbug>",
  "x".repeat(LINE_BYTES_MAX + 1),
  "IMPROV\u0001",
  "\u202e\u009b31m\u0007",
].map((text) => new TextEncoder().encode(text));
const PACKETS = [improvPacket(1, [2]), improvPacket(3, [1, 3, 1, 65, 0]), improvPacket(4, [4, 0])];
/** A ping of the camera link, and the proposal of a rate. */
const FRAMES = ["0004010301010104010601010103c1aec3ac00", "00ff"].map((hex) =>
  Uint8Array.from(Buffer.from(hex, "hex")),
);

const phrase = fc.constantFrom(...PHRASES, ...PACKETS, ...FRAMES);
const cut = fc.tuple(phrase, fc.nat(), fc.nat()).map(([bytes, from, to]) => {
  return bytes.slice(from % bytes.length, 1 + (to % bytes.length));
});
const chunks = fc.array(fc.oneof(phrase, cut, fc.uint8Array({ maxLength: 300 })), {
  maxLength: 30,
});

/** A line has a byte of its own at least, and a note or two may go with it; invisible characters grow to 8. */
function judge(lines: readonly MonitoredLine[], bytes: number): void {
  expect(lines.length).toBeLessThanOrEqual(2 * bytes + 2);
  for (const { text } of lines) {
    expect(text.length).toBeLessThanOrEqual(8 * LINE_BYTES_MAX + 100);
    expect(text).not.toMatch(/[^\P{C}\t\p{Co}\p{Cn}]/u);
  }
}

const total = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);

test("noise on UART0 is shown and breaks nothing, however it is cut", () => {
  fc.assert(
    fc.property(chunks, (parts) => {
      const { clock, lines, reader } = readBoard();
      for (const part of parts) {
        clock.nowMs += 1;
        reader.push(part);
      }
      reader.flush();
      judge(lines, total(parts));
    }),
    { numRuns },
  );
});

test("noise on the camera's wire too", () => {
  fc.assert(
    fc.property(chunks, (parts) => {
      const lines: MonitoredLine[] = [];
      const rates: number[] = [];
      const reader = new FrameReader(
        () => lines.length * 100,
        (line) => lines.push(line),
        (rate) => rates.push(rate),
      );
      for (const part of parts) reader.push(part);
      judge(lines, total(parts));
      for (const rate of rates) expect(rate).toBeGreaterThanOrEqual(115_200);
    }),
    { numRuns },
  );
});
