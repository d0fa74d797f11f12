import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { minFreeBytesOf } from "../../server-min/keeping/disk-guard.ts";
import { diskSpaceOf } from "../../server-min/machine/disk-space.ts";
import { listPorts } from "../serial/known-ports.ts";
import { permissionHint } from "../serial/local-line.ts";
import { type Check, note, ok, wrong } from "./check.ts";

export function examineNode(): Check {
  return ok("node", `${process.version} on ${process.platform} ${process.arch}`);
}

/** Needed by nobody but who builds for a board. */
export function examineSdk(environment: NodeJS.ProcessEnv): Check {
  const { MODDABLE: sdk, IDF_PATH: idf } = environment;
  const hint = "docs/moddable.md says how to install it; then open a new shell";
  if (!sdk) return note("sdk", "MODDABLE is not set: images are for simulated boards", hint);
  if (!existsSync(sdk)) return wrong("sdk", `MODDABLE is ${sdk}, which is not there`, hint);
  if (!idf) return note("sdk", "IDF_PATH is not set: mcconfig links no ESP32 image", hint);
  return existsSync(idf)
    ? ok("sdk", `Moddable in ${sdk}, ESP-IDF in ${idf}`)
    : wrong("sdk", `IDF_PATH is ${idf}, which is not there`, hint);
}

/** A machine without a board is well; one that may not use its ports is not. */
export async function examinePorts(): Promise<Check> {
  const ports = await listPorts();
  const named = ports.map(({ path, adapter }) =>
    adapter === null ? path : `${path} (${adapter})`,
  );
  const forbidden = ports.find(({ mayBeUsed }) => !mayBeUsed);
  if (forbidden !== undefined) {
    return wrong("ports", `you may not use ${forbidden.path}`, permissionHint());
  }
  return ok("ports", named.length === 0 ? "no board is plugged in" : named.join(", "));
}

export function examineDisk(folder: string): Check {
  const place = nearest(resolve(folder));
  const space = diskSpaceOf(place);
  const free = `${(space.freeBytes / 1e9).toFixed(1)} GB free for ${folder}`;
  if (space.freeBytes >= minFreeBytesOf(space)) return ok("disk", free);
  return wrong(
    "disk",
    `${free}: uploads wait for more`,
    "make room, or keep less: docs/keeping.md",
  );
}

/** The folder itself comes with the first start. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}

/** Tokens, certificates and days of the gallery hang on it. */
export async function examineClock(): Promise<Check> {
  const show = ["show", "--property=NTPSynchronized", "--value"];
  const asked = await promisify(execFile)("timedatectl", show, { timeout: 3_000 }).catch(
    () => undefined,
  );
  const answer = asked?.stdout.trim();
  if (answer === "yes") return ok("clock", "set by NTP");
  if (answer === "no") {
    return note("clock", "nothing sets this clock", "turn NTP on: timedatectl set-ntp true");
  }
  const detail = `${new Date().toISOString()}; this system does not say who sets it`;
  return note("clock", detail, "compare it with another clock");
}
