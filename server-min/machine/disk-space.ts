import { statfsSync } from "node:fs";
import type { DiskSpace } from "../ports.ts";

/** What is free to this process: the root user's reserve of the file system is not. */
export function diskSpaceOf(folder: string): DiskSpace {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
