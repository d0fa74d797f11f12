import type { AppSlots } from "./app-slots.ts";
import { IMAGE_STATE } from "./otadata.ts";
import { type Partition, slotNumber } from "./partition-table.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";

const ESP_OK = 0;
/** No entry in otadata, or one that says nothing of the slot. */
const NO_STATE = -1;
/** Assumed for an image of 1.2 MB, read by DIO at 40 MHz and hashed by the SHA engine. */
const VERIFY_MS = 1_000;
const RUNNING = 0;

/** device/esp32/native/app_slots.c. `restart` does not return. */
export function appSlotCalls(
  power: PowerCycle,
  slots: AppSlots,
  running: Partition,
  restart: () => void,
): BoardCalls {
  const slot = (which: unknown): Partition =>
    which === RUNNING ? running : (slots.next ?? running);
  return {
    "app_slot.running": () => slotNumber(running) ?? NO_STATE,
    "app_slot.state": (which) => {
      const state = slots.state(slot(which));
      return state === undefined || state === IMAGE_STATE.undefined ? NO_STATE : state;
    },
    "app_slot.description": (which, into) => {
      const description = slots.description(slot(which));
      if (description === undefined || (into as Uint8Array).length < description.length) return 0;
      (into as Uint8Array).set(description);
      return 1;
    },
    "app_slot.open_other": () => slots.openOther(),
    "app_slot.select_other": () => {
      power.stall(VERIFY_MS);
      return slots.select(slot("other"));
    },
    "app_slot.confirm": () => slots.confirm(),
    "app_slot.reject": () => {
      // Of the image it would go back to.
      power.stall(VERIFY_MS);
      const refused = slots.reject();
      if (refused === ESP_OK) restart();
      return refused;
    },
  };
}
