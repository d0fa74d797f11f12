import { BoardReader } from "../../../cli/monitor/board-reader.ts";
import type { MonitoredLine } from "../../../cli/monitor/monitored-line.ts";

const encoder = new TextEncoder();

/** A board's bytes at the monitor, in a time of the test's own. */
export function readBoard() {
  const lines: MonitoredLine[] = [];
  const clock = { nowMs: 0 };
  const reader = new BoardReader(
    () => clock.nowMs,
    (line) => lines.push(line),
  );
  return {
    clock,
    lines,
    reader,
    print: (text: string) => reader.push(encoder.encode(text)),
    texts: () => lines.map(({ text }) => text),
    notes: () => lines.filter(({ kind }) => kind === "note").map(({ text }) => text),
  };
}

export function improvPacket(type: number, data: readonly number[]): Uint8Array {
  const packet = [...encoder.encode("IMPROV"), 1, type, data.length, ...data];
  const sum = packet.reduce((total, byte) => total + byte, 0) & 0xff;
  return Uint8Array.from([...packet, sum, 0x0a]);
}
