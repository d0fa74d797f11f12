import type { Outcome } from "../outcome.ts";
import { readApp, updateDoubts } from "./moddable-build.ts";
import { type WrittenImage, writeImage } from "./written-image.ts";

export interface PackOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** The image that a server publishes: the application alone, as mcconfig built it. */
export async function buildOta(
  folder: string,
  options: PackOptions,
): Promise<Outcome<WrittenImage>> {
  const app = await readApp(folder);
  if (app.kind === "failed") return app;
  for (const doubt of updateDoubts(app.value)) process.stderr.write(`note: ${doubt}\n`);
  return writeImage(options.out, app.value.bytes);
}
