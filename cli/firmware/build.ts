import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { EXIT } from "../failure.ts";
import { failed, type Outcome } from "../outcome.ts";
import { caConfig } from "./baked-cas.ts";
import { type KeyOptions, keyConfig } from "./baked-keys.ts";
import { type WrittenImage, writeImage } from "./written-image.ts";

export interface BuildOptions extends KeyOptions {
  readonly version?: string;
  /** Files of authorities. */
  readonly ca?: readonly string[];
  readonly out?: string;
  readonly padTo?: number;
  readonly json?: boolean;
}

/** The firmware for simulated boards, in an image that any tool for ESP32 images can read. */
export async function buildImage(options: BuildOptions): Promise<Outcome<WrittenImage>> {
  const { version, padTo } = options;
  const config = await keyConfig(options);
  if (config.kind === "failed") return config;
  const cas = await caConfig(options.ca);
  if (cas.kind === "failed") return cas;
  const firmware = await bundleFirmware({
    config: { ...config.value, ...cas.value },
    ...(version === undefined ? {} : { version }),
  });
  const image = encodeAppImage({
    ...firmware,
    ...(padTo === undefined ? {} : { padToBytes: padTo }),
  });
  if (padTo !== undefined && image.length > padTo) {
    const message = `the image has ${image.length} bytes, which is more than ${padTo}`;
    return failed("pad_to_too_small", message, `--pad-to ${image.length}, or more`, EXIT.usage);
  }
  return writeImage(options.out ?? `skyfeeder-${firmware.version}.bin`, image);
}
