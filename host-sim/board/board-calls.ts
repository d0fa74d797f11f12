import { appSlotCalls } from "./app-slot-calls.ts";
import { AppSlots } from "./app-slots.ts";
import { analogCalls } from "./battery.ts";
import type { FeederBoard } from "./board.ts";
import { readPartitions } from "./bootloader.ts";
import { clockCalls, digestCalls, textCalls } from "./clock-calls.ts";
import { ecdsaCalls } from "./ecdsa.ts";
import { macOf } from "./mac-address.ts";
import type { Partition } from "./partition-table.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import { RESET_REASONS, type ResetReason } from "./reset-reason.ts";
import type { RetainedMemory } from "./retained-memory.ts";
import { serialCalls } from "./serial-calls.ts";
import { findData, flashCalls, nvsCalls } from "./storage-calls.ts";

/** One run of an image: what it has of the board beyond its parts. */
export interface Run {
  readonly power: PowerCycle;
  readonly slot: Partition;
  readonly resetReason: ResetReason;
  readonly retained: RetainedMemory;
  /** The bootloader chooses anew. */
  readonly restart: () => never;
  /** The firmware asks for it by itself. */
  readonly askedToRestart: () => void;
  readonly hear: (line: string) => void;
}

/** Everything that firmware can ask of its board. */
export function boardCalls(board: FeederBoard, run: Run): BoardCalls {
  const { power, slot, resetReason } = run;
  return {
    ...clockCalls(power),
    ...digestCalls(),
    ...ecdsaCalls(power),
    ...textCalls(),
    ...board.pins.calls(power),
    ...analogCalls(() => board.batteryMillivolts),
    ...board.scale.calls(),
    ...board.link.calls(power),
    ...partitionCalls(board, run, slot),
    ...nvsCalls(board.nvs),
    ...run.retained.calls(),
    ...board.radio.calls(power),
    ...serialCalls(power, board.console),
    "board.reset_reason": () => RESET_REASONS[resetReason],
    "board.station_mac": (into) => {
      (into as Uint8Array).set(Buffer.from(macOf(board.deviceId), "hex"));
      return 0;
    },
    "board.restart": run.askedToRestart,
    // A wait that feeds no watchdog; only images of tests have one.
    "processor.hang": () => power.stall(Number.POSITIVE_INFINITY),
    trace: (text) => run.hear(String(text)),
  };
}

function partitionCalls({ flash }: FeederBoard, run: Run, running: Partition): BoardCalls {
  const partitions = readPartitions(flash);
  const slots = new AppSlots(flash, partitions, running);
  const find = (path: string) => {
    if (path === "running") return running;
    return path === "nextota" ? slots.next : findData(partitions, path);
  };
  return {
    ...flashCalls(run.power, flash, find),
    ...appSlotCalls(run.power, slots, running, run.restart),
  };
}
