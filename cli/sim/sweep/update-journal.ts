import type { Flash, FlashOperation } from "../../../host-sim/board/flash.ts";
import { MINUTE_MS } from "../../../host-sim/durations.ts";
import { buildFirmware, createUpdateWorld, imageOf, type UpdateWorld } from "../update-world.ts";

export const OLD_VERSION = "1.0.0";
export const NEW_VERSION = "1.1.0";

/** Every flash operation of one whole update, from the start of the old image to the new one, confirmed. */
export interface UpdateJournal {
  /** What the server has, in the order it was published: their sequences are 1, 2 ... and the last is the new image. */
  readonly releases: readonly Uint8Array<ArrayBuffer>[];
  /** The chip before the first of them. */
  readonly chip: Flash;
  readonly operations: readonly FlashOperation[];
}

/** `first`: the update of a board as it left the desk, from slot 0 to 1. `next`: the one after, from slot 1 to 0. */
export type JournalKind = "first" | "next";

const UPDATE_MINUTES_MAX = 60;

/** The real firmware updates itself from the real server, and every operation of its chip is kept. */
export async function recordUpdate(
  kind: JournalKind,
  imageBytes: number,
  seed: number,
): Promise<UpdateJournal> {
  const old = await buildFirmware({ version: OLD_VERSION });
  const releases: Uint8Array<ArrayBuffer>[] = [];
  const isFirst = kind === "first";
  const firmware = isFirst ? old : await buildFirmware({ version: "0.9.0" });
  const system = await createUpdateWorld({ seed, firmware });
  const { board, publish } = system;
  const release = async (image: Uint8Array<ArrayBuffer>): Promise<void> => {
    releases.push(image);
    await publish(image);
  };
  if (!isFirst) {
    await release(imageOf(old, imageBytes));
    board.powerOn();
    await becomes(system, OLD_VERSION);
    board.powerOff();
  }
  await release(imageOf(await buildFirmware({ version: NEW_VERSION }), imageBytes));
  const chip = board.flash.fork();
  const operations: FlashOperation[] = [];
  board.flash.watch((operation) => operations.push(copyOf(operation)));
  board.powerOn();
  if (await becomes(system, NEW_VERSION)) return { releases, chip, operations };
  throw new Error("the update without any power cut did not succeed");
}

/** True when the feeder runs this version, confirmed, and the server knows. */
export async function becomes({ world, status }: UpdateWorld, version: string): Promise<boolean> {
  const startedMs = world.nowMs;
  for (let minute = 1; minute <= UPDATE_MINUTES_MAX; minute++) {
    await world.run(startedMs + minute * MINUTE_MS);
    const told = await status();
    if (told.version === version && told.confirmed === true) return true;
  }
  return false;
}

/** A program's bytes belong to whoever programs them. */
function copyOf(operation: FlashOperation): FlashOperation {
  return operation.kind === "program"
    ? { ...operation, bytes: new Uint8Array(operation.bytes) }
    : operation;
}
