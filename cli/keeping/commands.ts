import type { Command } from "commander";
import type { DoctorOptions } from "../doctor/doctor.ts";
import { EXIT } from "../failure.ts";
import { pathName } from "../option-values.ts";
import type { Outcome } from "../outcome.ts";
import { printOutcome } from "../outcome.ts";
import type { FolderOptions } from "./kept-folder.ts";

const DATA = ["--data <folder>", "where photos and the database are kept"] as const;
const CONFIG = [
  "--config <file>",
  "settings that name the folder; usually ./skyfeeder.toml",
] as const;

interface KeepingOptions extends FolderOptions {
  readonly json?: boolean;
}

/** Every action loads what it runs when it runs, as all commands do. */
export function addKeepingCommands(program: Command): void {
  program
    .command("doctor")
    .description("examine this machine, the server's surroundings and what it keeps; mend that")
    .option(...CONFIG, pathName)
    .option(...DATA, pathName)
    .option("--deep", "read all bytes and compare their SHA-256")
    .option("--repair", "mend what can be mended; the server must be stopped")
    .option("--json", "print one JSON value")
    .action(async (options: DoctorOptions) => {
      const { diagnose, diagnosisText } = await import("../doctor/doctor.ts");
      const diagnosis = await diagnose(options);
      printOutcome(diagnosis, options.json, diagnosisText);
      if (diagnosis.kind === "done" && !diagnosis.value.ok) process.exitCode = EXIT.failed;
    });
  program
    .command("backup")
    .description("copy all that a server keeps into one file, also while it runs; it holds secrets")
    .argument("<file>", "where the copy goes, for example birds.tar", pathName)
    .option(...CONFIG, pathName)
    .option(...DATA, pathName)
    .option("--json", "print one JSON value")
    .action(async (file: string, options: KeepingOptions) => {
      const { backedUpText, backUp } = await import("./backup.ts");
      const backedUp = await inFolder(options, (data) => backUp(file, data));
      printOutcome(backedUp, options.json, backedUpText);
    });
  program
    .command("restore")
    .description("make the folder of a server out of a backup")
    .argument("<file>", "what backup wrote", pathName)
    .option(...CONFIG, pathName)
    .option("--data <folder>", "a new or empty folder", pathName)
    .option("--json", "print one JSON value")
    .action(async (file: string, options: KeepingOptions) => {
      const { restore, restoredText } = await import("./restore.ts");
      const restored = await inFolder(options, (data) => restore(file, data));
      printOutcome(restored, options.json, restoredText);
    });
}

async function inFolder<Value>(
  options: FolderOptions,
  work: (folder: string) => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  const { keptFolder } = await import("./kept-folder.ts");
  const folder = keptFolder(options);
  return folder.kind === "failed" ? folder : work(folder.value);
}
