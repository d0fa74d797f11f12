/** Firmware of an experiment: tells what the adapters of board, battery, slots and settings make of the board. */
import FFI from "mc/ffi";
import { NativeAppSlots } from "../../../device/esp32/io/app-slots.ts";
import { openBattery } from "../../../device/esp32/io/battery.ts";
import { NativeBoard } from "../../../device/esp32/io/board.ts";
import { readBatteryPin, readSettings } from "../../../device/esp32/io/stored-settings.ts";
import type { AppDescription, ResetReason, SlotState } from "../../../device/esp32/ports.ts";
import type { Settings } from "../../../device/esp32/settings.ts";

export interface AdaptersOutcome {
  readonly settings: Settings;
  readonly millivolts: number | null;
  readonly resetReason: ResetReason;
  readonly retained: readonly number[];
  readonly running: AppDescription;
  readonly other: AppDescription | null;
  readonly runningState: SlotState;
  readonly otherState: SlotState;
  readonly opened: boolean;
  readonly selected: boolean;
  readonly log: readonly string[];
}

/** `stored`: what NVS holds. */
declare const plan: { readonly stored: Readonly<Record<string, string>> };

const log: string[] = [];
const native = new FFI();
const store = { read: (key: string) => plan.stored[key], write() {}, delete() {} };
const slots = new NativeAppSlots(native, {
  write: (level, tag, text) => log.push(`${level} ${tag}: ${text}`),
});
const board = new NativeBoard(native);
board.writeRetained(Uint8Array.of(1, 2, 3).subarray(1));

const outcome = {
  settings: readSettings(store, board.mac),
  millivolts: openBattery(readBatteryPin(store)).millivolts() ?? null,
  resetReason: board.resetReason,
  retained: [...board.readRetained()],
  running: slots.running,
  other: slots.readOther() ?? null,
  runningState: slots.runningState(),
  otherState: slots.otherState(),
  opened: slots.openOther(),
  selected: slots.selectOther(),
  log,
} satisfies AdaptersOutcome;
slots.confirm();
slots.reject();
trace(JSON.stringify(outcome));
