import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { readFirmwareFile } from "../../protocol/firmware-file.ts";
import { makeFolders } from "../../server-min/machine/make-folders.ts";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import { replaceWhole } from "../whole-file.ts";
import { caConfig } from "./baked-cas.ts";
import { type KeyOptions, keyConfig } from "./baked-keys.ts";
import { mergeBuild } from "./build-factory.ts";
import { type Inspection, inspect, readImageFile } from "./inspect.ts";
import { buildWithMcconfig } from "./mcconfig.ts";
import { readApp } from "./moddable-build.ts";
import { simulatorImage } from "./simulator-image.ts";

export type ReleaseKind = "ota" | "factory";

export interface ReleaseOptions extends KeyOptions {
  readonly version?: string;
  /** Files of authorities. */
  readonly ca?: readonly string[];
  readonly outDir: string;
  readonly json?: boolean;
}

/** What stands in `releases/`, and what `firmware inspect` says of it. */
export type Release = Inspection & { readonly file: string; readonly sha256File: string };

/**
 * `ota`: the application alone, `firmware-VERSION.bin`; `factory`: a chip's whole flash, `firmware-VERSION-factory.bin`.
 * By mcconfig where `MODDABLE` names the SDK; for simulated boards, which the image says of itself, elsewhere.
 */
export async function makeRelease(
  kind: ReleaseKind,
  options: ReleaseOptions,
): Promise<Outcome<Release>> {
  const keys = await keyConfig(options);
  if (keys.kind === "failed") return keys;
  const cas = await caConfig(options.ca);
  if (cas.kind === "failed") return cas;
  const version = options.version ?? packageJson.version;
  const config = { ...keys.value, ...cas.value };
  const build = process.env.MODDABLE ? forBoards : forSimulator;
  const image = await build(kind, version, config);
  if (image.kind === "failed") return image;
  const name = kind === "ota" ? `firmware-${version}.bin` : `firmware-${version}-factory.bin`;
  return writeRelease(join(options.outDir, name), image.value);
}

type Config = Readonly<Record<string, string>>;

async function forSimulator(
  kind: ReleaseKind,
  version: string,
  config: Config,
): Promise<Outcome<Uint8Array>> {
  process.stderr.write("note: MODDABLE is not set: this image is for simulated boards alone\n");
  return done(await simulatorImage(kind, version, config));
}

async function forBoards(
  kind: ReleaseKind,
  version: string,
  config: Config,
): Promise<Outcome<Uint8Array>> {
  if (version !== packageJson.version) {
    const message = `this tree is version ${packageJson.version}, which is compiled into the image`;
    return failed("version_differs", message, `node tools/set-version.ts ${version}`, EXIT.usage);
  }
  const out = await mkdtemp(join(tmpdir(), "skyfeeder-release-"));
  const folder = await buildWithMcconfig(config, out);
  const image = folder.kind === "failed" ? folder : await imageOf(kind, folder.value);
  await rm(out, { recursive: true, force: true });
  return image;
}

async function imageOf(kind: ReleaseKind, folder: string): Promise<Outcome<Uint8Array>> {
  if (kind === "factory") return mergeBuild(folder);
  const app = await readApp(folder);
  return app.kind === "failed" ? app : done(app.value.bytes);
}

/** The image first: a sum without its file would vouch for whatever gets that name. */
async function writeRelease(path: string, bytes: Uint8Array): Promise<Outcome<Release>> {
  const file = readFirmwareFile(bytes);
  if (typeof file === "string") throw new Error(`built what is no image: ${file}`);
  const facts = inspect({ bytes, file });
  // A folder that cannot be made is told when the file is written.
  await makeFolders(resolve(path, "..")).catch(() => undefined);
  const refusal = await refuseOther(path, facts.simulated);
  if (refusal !== undefined) return refusal;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const sha256File = `${path}.sha256`;
  const written = await replaceWhole(path, bytes);
  if (written.kind === "failed") return written;
  // As `sha256sum --check` reads it, in that folder.
  const line = Buffer.from(`${sha256}  ${basename(path)}\n`);
  const summed = await replaceWhole(sha256File, line);
  if (summed.kind === "failed") return summed;
  return done({ file: resolve(path), sha256File: resolve(sha256File), ...facts });
}

/** What real boards run is not replaced by what they cannot run, nor anything that is no image. */
async function refuseOther(path: string, simulated: boolean): Promise<Failed | undefined> {
  const existing = await readImageFile(path);
  if (existing.kind === "failed") {
    if (existing.failure.code === "file_not_found") return undefined;
    return taken(path, "it is no firmware image");
  }
  const isReal = !inspect(existing.value).simulated;
  return isReal && simulated ? taken(path, "it is for real boards") : undefined;
}

function taken(path: string, why: string): Failed {
  const hint = "choose another folder with --out-dir, or move it away";
  return failed("output_exists", `${path} is there already, and ${why}`, hint, EXIT.failed);
}

export function releaseText({ file, version, chip, size, simulated }: Release): string {
  const where = simulated ? "simulated boards" : chip;
  process.stderr.write(`${version} for ${where}, ${size} bytes; its SHA-256 beside it\n`);
  return file;
}
