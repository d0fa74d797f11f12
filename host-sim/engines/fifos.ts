import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "./scratch-folder.ts";

/** Made at once: to start mkfifo takes longer than to make them. */
const BATCH = 32;

let made = 0;
const spare: string[] = [];

/** Whether this computer can make them at all. */
export function hasFifos(): boolean {
  return spawnSync("mkfifo", ["--version"]).error === undefined;
}

/** Two pipes between this process and one to be started, there and back. Node has none that it reads synchronously. */
export function openFifos() {
  const there = openFifo();
  const back = openFifo();
  return {
    ours: { read: back.read, write: there.write },
    theirs: { read: there.read, write: back.write },
  };
}

function openFifo(): { read: number; write: number } {
  const path = spare.pop() ?? makeBatch();
  // Opening one end alone would wait for the other.
  const both = openSync(path, constants.O_RDWR);
  const read = openSync(path, constants.O_RDONLY);
  const write = openSync(path, constants.O_WRONLY);
  closeSync(both);
  unlinkSync(path);
  return { read, write };
}

function makeBatch(): string {
  const paths = Array.from({ length: BATCH }, () => join(scratchFolder(), `fifo-${made++}`));
  const { error, stderr } = spawnSync("mkfifo", paths, { encoding: "utf8" });
  if (error !== undefined || stderr !== "") throw error ?? new Error(stderr);
  const [first = "", ...rest] = paths;
  spare.push(...rest);
  return first;
}
