import { EXIT } from "../failure.ts";
import type { ImageFile } from "../firmware/inspect.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import type { SerialLine } from "../serial/serial-line.ts";
import { EspBoard, type FoundChip } from "./esp-board.ts";
import { type PlannedWrite, planWrites, refuseChip } from "./flash-plan.ts";

export interface FlashOptions {
  readonly baudRate: number;
  readonly erase: boolean;
}

export interface Flashed {
  readonly port: string;
  readonly chip: string;
  readonly mac: string;
  readonly writes: readonly {
    readonly what: string;
    readonly address: number;
    readonly bytes: number;
  }[];
  readonly erased: boolean;
  readonly keptSettings: boolean;
}

export type FlashStage =
  | { readonly kind: "connecting" | "erasing" }
  | { readonly kind: "found"; readonly chip: FoundChip }
  | {
      readonly kind: "writing";
      readonly write: PlannedWrite;
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  | { readonly kind: "verifying"; readonly write: PlannedWrite };

/** From a running board to one that runs the image. Nothing is written before the chip is known to be the image's. */
export async function flashBoard(
  line: SerialLine,
  image: ImageFile,
  options: FlashOptions,
  report: (stage: FlashStage) => void,
): Promise<Outcome<Flashed>> {
  const state = { isConnected: false, isTouched: false };
  const run = flash(line, image, options, (stage) => {
    state.isConnected ||= stage.kind === "found";
    state.isTouched ||= stage.kind === "erasing" || stage.kind === "writing";
    report(stage);
  });
  const unplugged = line.ended.then(() => portUnplugged(line.path, state.isTouched));
  return Promise.race([
    unplugged,
    run.catch(async (error: Error) => {
      // Which of both is told first is chance.
      const ended = await Promise.race([line.ended, Promise.resolve(undefined)]);
      return ended === undefined
        ? explain(line, error, state)
        : portUnplugged(line.path, state.isTouched);
    }),
  ]);
}

async function flash(
  line: SerialLine,
  image: ImageFile,
  { baudRate, erase }: FlashOptions,
  report: (stage: FlashStage) => void,
): Promise<Outcome<Flashed>> {
  const board = new EspBoard(line, baudRate);
  report({ kind: "connecting" });
  const chip = await board.connect(line.hasControlLines);
  report({ kind: "found", chip });
  const refused = refuseChip(image, chip);
  if (refused !== undefined) return leave(board, refused);
  if (erase) {
    report({ kind: "erasing" });
    await board.eraseAll();
  }
  const plan = planWrites(image, await board.readPartitionTable());
  if (plan.kind === "failed") return leave(board, plan);
  const { writes, keepsSettings } = plan.value;
  for (const write of writes) {
    await board.write(write, (sentBytes, totalBytes) =>
      report({ kind: "writing", write, sentBytes, totalBytes }),
    );
    report({ kind: "verifying", write });
    if (!(await board.holds(write))) return verifyFailed(write);
  }
  return leave(
    board,
    done({
      port: line.path,
      chip: chip.description,
      mac: chip.mac,
      writes: writes.map(({ what, address, data }) => ({ what, address, bytes: data.length })),
      erased: erase,
      keptSettings: keepsSettings && !erase,
    }),
  );
}

async function leave<Result>(board: EspBoard, result: Result): Promise<Result> {
  await board.run();
  return result;
}

/** What is left behind, for whoever stops here. */
const HALF = "its flash is half written, and it may not start until it is flashed again";
const WHOLE = "its flash is as it was";

/** It is not started: what is on the flash is not what was sent. */
function verifyFailed({ what, address }: PlannedWrite): Failed {
  const message = `what arrived at 0x${address.toString(16)} (${what}) is not what was sent; ${HALF}`;
  const hint = "flash again, more slowly: --baud 115200; try another cable";
  return failed("verify_failed", message, hint, EXIT.failed);
}

function portUnplugged(path: string, isTouched: boolean): Failed {
  const left = isTouched ? HALF : WHOLE;
  const message = `${path} is gone: the cable was pulled, or the board lost its power; ${left}`;
  const hint = "plug it in and flash again: a board is never too broken for that";
  return failed("port_unplugged", message, hint, EXIT.failed);
}

function explain(
  { path, hasControlLines }: SerialLine,
  error: Error,
  { isConnected, isTouched }: { readonly isConnected: boolean; readonly isTouched: boolean },
): Failed {
  if (!isConnected) {
    const message = `no ESP32 answers at ${path}: ${error.message}`;
    const hint = hasControlLines
      ? "hold BOOT while it begins, close other programs, or name another port"
      : "it has no reset lines: hold BOOT, press EN, and try again";
    return failed("board_silent", message, hint, EXIT.timedOut);
  }
  const hint = "flash again, more slowly: --baud 115200; try another cable";
  const left = isTouched ? HALF : WHOLE;
  const message = `the board stopped answering: ${error.message}; ${left}`;
  return failed("flash_failed", message, hint, EXIT.failed);
}
