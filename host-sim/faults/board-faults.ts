import type { FeederBoard } from "../board/board.ts";
import { PowerCut } from "../board/flash.ts";
import type { World } from "../world.ts";

const FILLER = "filler";
const FILLER_BYTES = 512;
const FILLERS_MAX = 200;
const AGAIN_MS = 60_000;

/** Somebody else's entries take all of NVS that was free. */
export function fillStorage(board: FeederBoard): void {
  const { nvs } = board;
  let size = FILLER_BYTES;
  let entry = 0;
  while (size >= 1 && entry < FILLERS_MAX) {
    try {
      nvs.set(`${FILLER}/${entry}`, "x".repeat(size));
      entry++;
    } catch (error) {
      if (error instanceof PowerCut) return board.reset("brownout");
      size = Math.floor(size / 2);
    }
  }
}

/** Once more a minute later where the power was cut in the middle of it. */
export function emptyStorage(world: World, board: FeederBoard): void {
  const { nvs } = board;
  try {
    for (let entry = 0; entry < FILLERS_MAX; entry++) nvs.delete(`${FILLER}/${entry}`);
  } catch {
    // The chip has lost its power, and the board runs on until it next writes: not for long.
    board.reset("brownout");
    world.after(AGAIN_MS, () => emptyStorage(world, board));
  }
}
