import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { HIDDEN_BUILT_INS, REWIRE } from "./realm-source.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { readContent, writeLimits, type XsContent } from "./xs-snapshot.ts";
import { XsWorker } from "./xs-worker.ts";

/** A machine in a file, from which a board starts in some milliseconds. */
export interface XsImage {
  readonly path: string;
  readonly content: XsContent;
}

/** Room for what a board adds to its image. The machine dies when it is full, as the one on the board. */
export interface XsRoom {
  readonly slots: number;
  readonly chunkBytes: number;
}

const images = new Map<string, XsImage>();

/** The firmware compiled and not yet run. Boards of one image share it. */
export function prepareImage(
  javascript: string,
  operations: readonly string[],
  room: XsRoom,
): XsImage {
  const parts = JSON.stringify([javascript, operations, room]);
  const key = createHash("sha256").update(parts).digest("hex");
  const known = images.get(key) ?? compile(javascript, operations, room, key);
  images.set(key, known);
  return known;
}

function compile(
  javascript: string,
  operations: readonly string[],
  room: XsRoom,
  key: string,
): XsImage {
  const path = join(scratchFolder(), `${key}.xs`);
  const worker = new XsWorker([], () => {
    throw new Error("an image is compiled, not run");
  });
  worker.evaluate(guestSource(operations));
  worker.evaluate(`install(((handleCommand, console) => () => {\n${javascript}\n})())`);
  worker.writeSnapshot(path);
  worker.kill();
  const snapshot = readFileSync(path);
  const content = readContent(snapshot);
  writeLimits(snapshot, {
    slots: content.slots + room.slots,
    // While it starts the code is there twice: of the whole, and of each function. On the board it is in flash.
    chunkBytes: 2 * content.chunkBytes + room.chunkBytes,
    moreSlots: 0,
    moreChunkBytes: 0,
  });
  writeFileSync(path, snapshot);
  return { path, content };
}

let guest: string | undefined;

function guestSource(operations: readonly string[]): string {
  guest ??= buildSync({
    entryPoints: [join(import.meta.dirname, "xs-guest.ts")],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    tsconfigRaw: {},
  }).outputFiles[0]?.text;
  return `((boardOperations, rewire, hiddenBuiltIns) => {
    ${guest}
  })(${JSON.stringify(operations)}, ${REWIRE}, ${HIDDEN_BUILT_INS})`;
}
