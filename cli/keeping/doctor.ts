import { setTimeout as pause } from "node:timers/promises";
import { dayIndexKey } from "../../protocol/object-key.ts";
import { CRASH_WINDOW_MS } from "../../server-min/day-index/day-files.ts";
import { minFreeBytesOf } from "../../server-min/keeping/disk-guard.ts";
import { diskSpaceOf } from "../../server-min/machine/disk-space.ts";
import { daysStoredLast } from "../../server-min/storage/stored-objects.ts";
import { EXIT } from "../failure.ts";
import type { Outcome } from "../outcome.ts";
import { done, failed } from "../outcome.ts";
import type { EmbeddedStores } from "./embedded-stores.ts";
import { openToLook, openToMend } from "./embedded-stores.ts";
import type { Finding } from "./examine.ts";
import {
  examineDatabase,
  examineDayFiles,
  examineImages,
  examineLoss,
  examineObjects,
} from "./examine.ts";
import type { Mended } from "./mend.ts";
import { mend } from "./mend.ts";

export interface DoctorOptions {
  readonly data: string;
  readonly repair?: boolean;
  readonly deep?: boolean;
  readonly json?: boolean;
}

export interface Examined {
  readonly data: string;
  /** True when all is as it should be now. */
  readonly ok: boolean;
  readonly inUse: boolean;
  readonly findings: readonly Mended[];
}

/** A server at work has bytes before it has their row, and a row before it has the file of its day. */
const SETTLED_MS = 2_000;

/** Says what is wrong in a data folder, and mends it when asked to. */
export async function examineFolder(options: DoctorOptions): Promise<Outcome<Examined>> {
  const opened = await (options.repair === true ? openToMend : openToLook)(options.data);
  if (opened.kind === "failed") return opened;
  const stores = opened.value;
  const examined = (options.repair === true ? repair : look)(stores, options);
  const { folder: data, isInUse: inUse } = stores;
  return examined
    .finally(() => stores.close())
    .then(
      (findings) => {
        const ok = findings.every(({ did }) => did !== undefined);
        return done({ data, ok, inUse, findings });
      },
      (error: Error) => {
        const hint = "mend what it names, or move it away; then start doctor again";
        return failed("doctor_failed", `${data}: ${error.message}`, hint, EXIT.failed);
      },
    );
}

async function look(stores: EmbeddedStores, { deep }: DoctorOptions): Promise<readonly Mended[]> {
  const found = await examine(stores, deep === true);
  const isWorthALook = stores.isInUse && found.length > 0;
  if (isWorthALook) await pause(SETTLED_MS);
  const again = isWorthALook ? await examine(stores, deep === true) : found;
  const first = new Set(found.map(nameOf));
  return again
    .filter((finding) => first.has(nameOf(finding)))
    .map((finding) => ({ ...finding, did: undefined }));
}

async function repair(stores: EmbeddedStores, { deep }: DoctorOptions): Promise<readonly Mended[]> {
  const found = await examine(stores, deep === true);
  // Whoever forgot to mount a disk has lost nothing yet.
  if (found.some(({ problem }) => problem === "objects_gone")) {
    return found.map((finding) => ({ ...finding, did: undefined }));
  }
  const rows = found.filter(({ problem }) => problem !== "day_file_wrong");
  const mended: Mended[] = [];
  const pending = await pendingDayFiles(stores);
  for await (const one of mend(stores, rows, Date.now())) {
    if (pending.has(one.at)) continue;
    process.stderr.write(`${one.at}: ${one.did ?? one.detail}\n`);
    mended.push(one);
  }
  return mended;
}

async function examine(stores: EmbeddedStores, deep: boolean): Promise<Finding[]> {
  const found: Finding[] = [];
  if (!stores.hadDatabase) {
    const detail = "the objects are all there is";
    found.push({ problem: "database_missing", at: "database", detail });
  }
  for await (const finding of examineDatabase(stores)) found.push(finding);
  if (found.some(({ problem }) => problem === "database_damaged")) return found;
  const objects: Finding[] = [];
  for await (const finding of examineObjects(stores, deep)) objects.push(finding);
  const gone = await examineLoss(stores, objects);
  if (gone !== undefined) return [...found, gone];
  found.push(...objects);
  const pending = await pendingDayFiles(stores);
  for await (const { index, ...finding } of examineDayFiles(stores, Date.now())) {
    if (!pending.has(finding.at)) found.push(finding);
  }
  for await (const finding of examineImages(stores)) found.push(finding);
  const space = diskSpaceOf(stores.folder);
  if (space.freeBytes < minFreeBytesOf(space)) {
    const detail = `${Math.floor(space.freeBytes / 1e6)} MB left: uploads wait for more`;
    found.push({ problem: "disk_low", at: stores.folder, detail });
  }
  return found;
}

/** The next start writes these: no server that was stopped is wrong for that. */
async function pendingDayFiles({ sql }: EmbeddedStores): Promise<ReadonlySet<string>> {
  const days = await daysStoredLast(sql, CRASH_WINDOW_MS);
  return new Set(days.map(({ deviceId, date }) => dayIndexKey(deviceId, date)));
}

function nameOf({ problem, at }: Finding): string {
  return `${problem} ${at}`;
}

export function examinedText({ data, ok, findings }: Examined): string {
  const lines = findings.map(
    ({ problem, at, detail, did }) => `${problem} ${at}: ${did ?? detail}`,
  );
  const end = findings.length === 0 ? "all is as it should be" : endText(findings, ok);
  return [...lines, `${data}: ${end}`].join("\n");
}

function endText(findings: readonly Mended[], ok: boolean): string {
  if (ok) return `${findings.length} mended`;
  const open = findings.filter(({ did }) => did === undefined).length;
  return `${open} to be mended; --repair does what can be done`;
}
