import { quietLine, type UartFaults } from "../../host-sim/board/line-noise.ts";
import { type Reception, UartLine } from "../../host-sim/board/uart.ts";
import { World } from "../../host-sim/world.ts";

interface Arrival {
  readonly atMs: number;
  readonly bytes: readonly number[];
}

/** One direction of a serial line in a world of its own, and what arrived of it. */
export function startLine(
  baud: number,
  faults: Partial<UartFaults> = {},
  reception: Reception = "interrupt",
) {
  const world = new World({ seed: 7, pace: "virtual", startedAtMs: 0 });
  const arrivals: Arrival[] = [];
  const lineFaults = { ...quietLine(), ...faults };
  const arrived = (bytes: Uint8Array) => {
    arrivals.push({ atMs: world.nowMs, bytes: [...bytes] });
  };
  const line = new UartLine(world, "test", lineFaults, arrived, reception);
  line.senderBaud = baud;
  line.receiverBaud = baud;
  return {
    world,
    line,
    faults: lineFaults,
    arrivals,
    heard: () => arrivals.flatMap((a) => a.bytes),
  };
}

/** Not a zero among them. */
export function counted(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => 1 + (at % 255));
}
