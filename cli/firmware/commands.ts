import { Argument, type Command, Option } from "commander";
import { CHANNELS } from "../../protocol/update-manifest.ts";
import { EXIT } from "../failure.ts";
import { pathName, version, wholeNumber } from "../option-values.ts";
import { printOutcome } from "../outcome.ts";
import { withServerOptions } from "../server/target.ts";
import type { BuildOptions } from "./build.ts";
import type { PackOptions } from "./build-ota.ts";
import type { PublishOptions } from "./publish.ts";
import type { ReleaseKind, ReleaseOptions } from "./release.ts";
import { addServerReleases } from "./server-releases.ts";

/** All of an ESP32's mapped data: no image with more in it could run. */
const PAD_TO_BYTES_MAX = 4 * 1024 * 1024;

const KINDS: readonly ReleaseKind[] = ["ota", "factory"];

interface JsonOption {
  readonly json?: boolean;
}

/** Every action loads what it runs when it runs: the simulator is half a second that `--help` does not need. */
export function addFirmwareCommands(program: Command): void {
  const firmware = program
    .command("firmware")
    .description("build, pack, inspect, publish and sign firmware images; keys that sign them");
  addBuildCommands(firmware);
  firmware
    .command("inspect")
    .description("say what an ESP32 image is; exit code 1 where it is damaged")
    .argument("<file>", "an application image or a whole flash", pathName)
    .option("--json", "print one JSON value")
    .action(async (file: string, { json }: JsonOption) => {
      const { inspectFile, isWhole } = await import("./inspect.ts");
      const { inspectionText } = await import("./inspection-text.ts");
      const inspected = await inspectFile(file);
      printOutcome(inspected, json, inspectionText);
      if (inspected.kind === "done" && !isWhole(inspected.value)) process.exitCode = EXIT.failed;
    });
  addReleaseCommand(firmware);
  addPublishCommand(firmware);
  addServerReleases(firmware);
  addKeyCommands(firmware);
}

function addPublishCommand(firmware: Command): void {
  withServerOptions(firmware.command("publish"))
    .description("give an image to a server, which signs it and offers it to feeders")
    .argument("<file>", "the application image", pathName)
    .addOption(
      new Option("--channel <channel>", "for whom it is (default: stable)").choices(CHANNELS),
    )
    .option("--board <name>", "the board it is for (default: feeder)")
    .option("--minimum-version <version>", "the lowest version it may be installed over", version)
    .option("--notes <text>", "what is new")
    .option("--expires-days <days>", "how long an offer holds (default: 30)", expiresDays)
    .option("--simulated", "an image for simulated boards, to a server elsewhere")
    .action(async (file: string, options: Omit<PublishOptions, "file">) => {
      const { runPublish } = await import("./publish.ts");
      await runPublish({ ...options, file });
    });
}

function addBuildCommands(firmware: Command): void {
  firmware
    .command("build")
    .description("build the firmware for simulated boards, as a real ESP32 image")
    .option("--version <version>", "instead of this tree's", version)
    .option("--out <file>", "where the image goes (default: skyfeeder-VERSION.bin)", pathName)
    .option("--pad-to <bytes>", "fill the image up to this size", padTo)
    .option("--update-keys <keys...>", "who signs updates: public keys, or files of signing keys")
    .option(
      "--ca <files...>",
      "certificates of who vouches for the server, two at most (docs/https.md)",
    )
    .option("--development-key <key>", "of a development build: it also takes unsigned updates")
    .option("--json", "print one JSON value")
    .action(async (options: BuildOptions) => {
      const { buildImage } = await import("./build.ts");
      const { writtenText } = await import("./written-image.ts");
      printOutcome(await buildImage(options), options.json, writtenText);
    });
  firmware
    .command("build-ota")
    .description("take the update out of an mcconfig build: the application alone")
    .argument("<folder>", "where mcconfig -m -p esp32 left xs_esp32.bin", pathName)
    .option("--out <file>", "where the image goes", pathName, "skyfeeder-ota.bin")
    .option("--json", "print one JSON value")
    .action(async (folder: string, options: PackOptions) => {
      const { buildOta } = await import("./build-ota.ts");
      const { writtenText } = await import("./written-image.ts");
      printOutcome(await buildOta(folder, options), options.json, writtenText);
    });
  firmware
    .command("build-factory")
    .description("merge an mcconfig build into one file for a new board's flash, from address 0")
    .argument("<folder>", "where mcconfig -m -p esp32 left xs_esp32.bin", pathName)
    .option("--out <file>", "where the image goes", pathName, "skyfeeder-factory.bin")
    .option("--json", "print one JSON value")
    .action(async (folder: string, options: PackOptions) => {
      const { buildFactory } = await import("./build-factory.ts");
      const { writtenText } = await import("./written-image.ts");
      printOutcome(await buildFactory(folder, options), options.json, writtenText);
    });
}

/** `npm run build:ota` and `npm run build:factory`. */
function addReleaseCommand(firmware: Command): void {
  firmware
    .command("release")
    .description("build an image for releases/, by mcconfig where $MODDABLE names the SDK")
    .addArgument(new Argument("<kind>", "the application alone, or a whole flash").choices(KINDS))
    .option("--version <version>", "what this tree is (default: package.json's)", version)
    .option("--out-dir <folder>", "where it goes", pathName, "releases")
    .option("--update-keys <keys...>", "who signs updates: public keys, or files of signing keys")
    .option("--ca <files...>", "certificates of who vouches for the server, two at most")
    .option("--development-key <key>", "of a development build: it also takes unsigned updates")
    .option("--json", "print one JSON value")
    .action(async (kind: ReleaseKind, options: ReleaseOptions) => {
      const { makeRelease, releaseText } = await import("./release.ts");
      printOutcome(await makeRelease(kind, options), options.json, releaseText);
    });
}

function addKeyCommands(firmware: Command): void {
  firmware
    .command("keygen")
    .description("make a key that signs updates; keep it secret, and a copy of it")
    .requiredOption("--out <file>", "where the key goes; never over another", pathName)
    .option("--json", "print one JSON value")
    .action(async ({ out, json }: JsonOption & { readonly out: string }) => {
      const { makeKeyFile, publicKeyText } = await import("./signing-key-file.ts");
      printOutcome(await makeKeyFile(out), json, publicKeyText);
    });
  firmware
    .command("key")
    .description("print the public half of a signing key, as firmware is built with it")
    .argument("<file>", "the key, in PEM", pathName)
    .option("--json", "print one JSON value")
    .action(async (file: string, { json }: JsonOption) => {
      const { publicKeyText, readKeyFile } = await import("./signing-key-file.ts");
      printOutcome(await readKeyFile(file), json, publicKeyText);
    });
}

function expiresDays(text: string): number {
  return wholeNumber(text, 1, 999);
}

function padTo(text: string): number {
  return wholeNumber(text, 1, PAD_TO_BYTES_MAX);
}
