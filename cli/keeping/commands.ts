import type { Command } from "commander";
import { EXIT } from "../failure.ts";
import { pathName } from "../option-values.ts";
import { printOutcome } from "../outcome.ts";
import type { DoctorOptions } from "./doctor.ts";

const DATA = ["--data <folder>", "where photos and the database are kept"] as const;

interface DataOptions {
  readonly data: string;
  readonly json?: boolean;
}

/** Every action loads what it runs when it runs, as all commands do. */
export function addKeepingCommands(program: Command): void {
  program
    .command("doctor")
    .description("examine what a server keeps in its folder, and mend it")
    .option(...DATA, pathName, "./data")
    .option("--deep", "read all bytes and compare their SHA-256")
    .option("--repair", "mend what can be mended; the server must be stopped")
    .option("--json", "print one JSON value")
    .action(async (options: DoctorOptions) => {
      const { examinedText, examineFolder } = await import("./doctor.ts");
      const examined = await examineFolder(options);
      printOutcome(examined, options.json, examinedText);
      if (examined.kind === "done" && !examined.value.ok) process.exitCode = EXIT.failed;
    });
  program
    .command("backup")
    .description("copy all that a server keeps into one file, also while it runs; it holds secrets")
    .argument("<file>", "where the copy goes, for example birds.tar", pathName)
    .option(...DATA, pathName, "./data")
    .option("--json", "print one JSON value")
    .action(async (file: string, { data, json }: DataOptions) => {
      const { backedUpText, backUp } = await import("./backup.ts");
      printOutcome(await backUp(file, data), json, backedUpText);
    });
  program
    .command("restore")
    .description("make the folder of a server out of a backup")
    .argument("<file>", "what backup wrote", pathName)
    .requiredOption("--data <folder>", "a new or empty folder", pathName)
    .option("--json", "print one JSON value")
    .action(async (file: string, { data, json }: DataOptions) => {
      const { restore, restoredText } = await import("./restore.ts");
      printOutcome(await restore(file, data), json, restoredText);
    });
}
