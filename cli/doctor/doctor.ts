import { existsSync } from "node:fs";
import { type Examined, examinedText, examineFolder } from "../keeping/doctor.ts";
import { type FolderOptions, keptFolder } from "../keeping/kept-folder.ts";
import { done, type Outcome } from "../outcome.ts";
import { readSettings } from "../start-settings.ts";
import { type Check, checkLines, note, wrong } from "./check.ts";
import { examineClock, examineDisk, examineNode, examinePorts, examineSdk } from "./machine.ts";
import { examineBroker, examineCertificate, examinePublicUrl } from "./server.ts";

export interface DoctorOptions extends FolderOptions {
  readonly repair?: boolean;
  readonly deep?: boolean;
  readonly json?: boolean;
}

export interface Diagnosis {
  /** True when nothing is wrong now. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** What the server keeps; null where there is none yet. */
  readonly kept: Examined | null;
}

/** This machine, the server's surroundings, and what it keeps. */
export async function diagnose(options: DoctorOptions): Promise<Outcome<Diagnosis>> {
  const checks = await examineAll(options);
  const kept = await examineKept(options);
  if (kept.kind === "failed") return kept;
  const { value } = kept;
  const all = "name" in value ? [...checks, value] : checks;
  const folder = "name" in value ? null : value;
  const ok = all.every(({ state }) => state !== "wrong") && folder?.ok !== false;
  return done({ ok, checks: all, kept: folder });
}

async function examineAll(options: DoctorOptions): Promise<readonly Check[]> {
  const machine = [examineNode(), await examinePorts(), examineSdk(process.env)];
  const read = readSettings(options.config);
  if (read.kind === "failed") {
    return [...machine, wrong("settings", read.failure.message, read.failure.hint)];
  }
  const settings = read.value ?? {};
  const [clock, publicUrl, broker] = await Promise.all([
    examineClock(),
    examinePublicUrl(settings),
    examineBroker(settings),
  ]);
  const disk = examineDisk(options.data ?? settings.dataDir ?? "./data");
  const found = [clock, ...publicUrl, broker, examineCertificate(settings)];
  return [...machine, disk, ...found];
}

/** A folder that was named must be one; the usual one is not there before the first start. */
async function examineKept(options: DoctorOptions): Promise<Outcome<Examined | Check>> {
  const folder = keptFolder(options);
  const isAskedFor = options.data !== undefined || options.repair === true || options.deep === true;
  if (folder.kind === "failed" && !isAskedFor) {
    const { code, message, hint } = folder.failure;
    // Said already, or no matter of ours.
    const isSaid = code === "bad_settings" || code === "kept_elsewhere";
    return isSaid ? done(note("data", message, hint)) : folder;
  }
  if (folder.kind === "failed") return folder;
  if (!isAskedFor && !existsSync(folder.value)) {
    return done(note("data", `nothing is kept in ${folder.value} yet`, "npm start"));
  }
  const examined = await examineFolder({ ...options, data: folder.value });
  if (examined.kind === "done" || isAskedFor) return examined;
  const { message, hint } = examined.failure;
  return done(wrong("data", message, hint));
}

export function diagnosisText({ checks, kept }: Diagnosis): string {
  return [...checkLines(checks), ...(kept === null ? [] : [examinedText(kept)])].join("\n");
}
