import type FFI from "mc/ffi";
import { APP_DESCRIPTION_BYTES, parseAppDescription } from "../../../protocol/app-description.ts";
import type { AppDescription, AppSlots, Log, SlotState } from "../ports.ts";
import { BoardFlash } from "./flash-partition.ts";

const RUNNING = 0;
const OTHER = 1;

/** esp_ota_img_states_t counts from 0. */
const STATES: readonly SlotState[] = ["new", "pending", "valid", "invalid", "aborted"];

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

export class NativeAppSlots implements AppSlots {
  readonly running: AppDescription;
  readonly runningSlot: number;
  readonly otherImage = new BoardFlash("nextota");
  readonly runningImage = new BoardFlash("running");
  readonly #native: FFI;
  readonly #log: Log;

  constructor(native: FFI, log: Log) {
    this.#native = native;
    this.#log = log;
    this.runningSlot = native.app_slot_running();
    const running = this.describe(RUNNING);
    if (running === undefined) throw new Error("app-slots: the running image has no description");
    this.running = running;
  }

  runningState(): SlotState {
    return this.state(RUNNING);
  }

  otherState(): SlotState {
    return this.state(OTHER);
  }

  readOther(): AppDescription | undefined {
    return this.describe(OTHER);
  }

  openOther(): boolean {
    return this.isDone("open", this.#native.app_slot_open_other());
  }

  selectOther(): boolean {
    return this.isDone("select", this.#native.app_slot_select_other());
  }

  /**
   * ESP-IDF confirms whatever otadata would start next. That is the running image only while that is on trial: pending, or
   * new under a bootloader without rollback. After a fallback, or once the other slot was selected, it is the other one.
   */
  confirm(): void {
    const state = this.runningState();
    if (state === "pending" || state === "new") {
      this.isDone("confirm", this.#native.app_slot_confirm());
    }
  }

  reject(): void {
    this.isDone("reject", this.#native.app_slot_reject());
  }

  private state(which: number): SlotState {
    return STATES[this.#native.app_slot_state(which)] ?? "none";
  }

  private describe(which: number): AppDescription | undefined {
    const bytes = new Uint8Array(APP_DESCRIPTION_BYTES);
    const { buffer, byteLength } = bytes;
    if (this.#native.app_slot_description(which, buffer, 0, byteLength) === 0) return undefined;
    const description = parseAppDescription(bytes);
    if (description === undefined) return undefined;
    const { projectName, version, elfSha256, date, time } = description;
    return { project: projectName, version, elfSha256, builtAtMs: builtAtMs(date, time) };
  }

  private isDone(action: string, failure: number): boolean {
    if (failure === 0) return true;
    this.#log.write("warn", "app-slots", `${action}: esp_err ${failure}`);
    return false;
  }
}

/** As C writes them, "Nov  1 2026" and "11:57:21", of the build machine's clock; we take its zone for UTC. */
function builtAtMs(date: string, time: string): number | undefined {
  const [, monthName = "", day, year] = /^([A-Z][a-z]{2}) ([ \d]\d) (\d{4})$/.exec(date) ?? [];
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d)$/.exec(time) ?? [];
  const month = MONTHS.indexOf(monthName) / 3;
  if (day === undefined || seconds === undefined || month < 0) return undefined;
  const clock = [Number(hours), Number(minutes), Number(seconds)] as const;
  return Date.UTC(Number(year), month, Number(day), ...clock);
}
