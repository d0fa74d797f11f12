import { SIMULATOR } from "../../protocol/app-description.ts";
import { EXIT } from "../failure.ts";
import { type ImageFile, readImageFile } from "../firmware/inspect.ts";
import { type Failed, failed, type Outcome, printOutcome } from "../outcome.ts";
import { choosePort } from "../serial/choose-port.ts";
import { openLine } from "../serial/open-line.ts";
import { rememberPort } from "../serial/port-memory.ts";
import { isRfc2217 } from "../serial/rfc2217-line.ts";
import type { ServerOptions } from "../server/target.ts";
import { type Flashed, flashBoard } from "./flash-board.ts";
import { refuseFile } from "./flash-plan.ts";
import { FlashProgress } from "./flash-progress.ts";
import { fetchRelease } from "./release-image.ts";

export interface FlashCommandOptions extends ServerOptions {
  readonly port?: string;
  readonly image?: string;
  readonly release?: string;
  readonly erase?: boolean;
  readonly baud: number;
  readonly monitor?: boolean;
}

/** The ROM's: what the line is opened with. */
const ROM_BAUD = 115_200;

/** Standard output has what was written where; how far it is goes to standard error. */
export async function runFlash(options: FlashCommandOptions): Promise<Flashed | undefined> {
  const outcome = await flashCommand(options);
  printOutcome(outcome, options.json, flashedText);
  return outcome.kind === "done" ? outcome.value : undefined;
}

async function flashCommand(options: FlashCommandOptions): Promise<Outcome<Flashed>> {
  const { erase = false, baud } = options;
  const image = await readFirmware(options);
  if (image.kind === "failed") return image;
  const name = options.image ?? `release ${options.release}`;
  const refused = refuseFile(name, image.value, erase);
  if (refused !== undefined) return refused;
  const port = await choosePort(options.port);
  if (port.kind === "failed") return port;
  const line = await openLine(port.value, ROM_BAUD);
  if (line.kind === "failed") return line;
  const progress = new FlashProgress({
    columns: process.stderr.isTTY ? process.stderr.columns : undefined,
    write: (text) => process.stderr.write(text),
    nowMs: () => performance.now(),
  });
  const flash = { baudRate: baud, erase };
  const outcome =
    refuseSimulated(name, image.value, port.value) ??
    (await flashBoard(line.value, image.value, flash, (stage) => progress.show(stage)));
  await line.value.close();
  if (outcome.kind === "done") await rememberPort(port.value);
  return outcome;
}

/** No simulated board has a port of this computer: what is plugged in there is a chip, which could not run it. */
function refuseSimulated(name: string, { file }: ImageFile, port: string): Failed | undefined {
  const isSimulated = file.app.description?.idfVersion === SIMULATOR;
  if (!isSimulated || isRfc2217(port)) return undefined;
  const message = `${name} is for simulated boards, which are not flashed at ports like ${port}`;
  const hint =
    "for a chip build it with the Moddable SDK (docs/moddable.md); for a simulated one: sim board --rfc2217 4000";
  return failed("image_simulated", message, hint, EXIT.failed);
}

async function readFirmware(options: FlashCommandOptions): Promise<Outcome<ImageFile>> {
  const { image, release } = options;
  if (image !== undefined) return readImageFile(image);
  if (release !== undefined) return fetchRelease(release, options);
  const hint = "--image FILE, or --release VERSION of the server";
  return failed("nothing_to_flash", "say what is to be flashed", hint, EXIT.usage);
}

function flashedText({ port, chip, mac, writes, erased, keptSettings }: Flashed): string {
  const settings = keptSettings ? "kept: Wi-Fi and the feeder's identity" : "none: a bare feeder";
  return [
    `flashed    ${chip}, MAC ${mac}, at ${port}`,
    ...writes.map(
      ({ what, address, bytes }) => `wrote      0x${address.toString(16)} ${what}, ${bytes} bytes`,
    ),
    `settings   ${settings}${erased ? "; the whole chip was erased" : ""}`,
    "running    it was reset into what was written",
  ].join("\n");
}
