import type { Outcome } from "../outcome.ts";
import { openLocalLine } from "./local-line.ts";
import { isRfc2217, openRfc2217Line } from "./rfc2217-line.ts";
import type { SerialLine } from "./serial-line.ts";

/** A path of this computer (/dev/ttyUSB0, COM3), or rfc2217://host:port. Both are at 8N1, and the board runs on. */
export function openLine(path: string, baudRate: number): Promise<Outcome<SerialLine>> {
  return isRfc2217(path) ? openRfc2217Line(path, baudRate) : openLocalLine(path, baudRate);
}
