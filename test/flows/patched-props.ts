import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Props } from "../../cli/sim/play-scenario.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import type { startVirtualServer } from "../../cli/sim/server/virtual-server.ts";
import { SIGNING_KEYS } from "../../cli/sim/update-world.ts";
import { plantPatches, type SourcePatch } from "../../host-sim/source-patches.ts";
import { ROOT } from "../tidy/source-tree.ts";

/** Where packages are found as from the tree itself. */
const FOLDER = join(ROOT, "node_modules/.cache/skyfeeder");

/** The system with something changed in its firmware, or in its server. */
export async function patchedProps(patches: readonly SourcePatch[]): Promise<Props> {
  const ofServer = patches.filter(({ file }) => file.startsWith("server-min/"));
  const ofFirmware = patches.filter(({ file }) => file.startsWith("device/"));
  const props = await buildProps({ patches: ofFirmware });
  if (ofServer.length === 0) return props;
  const { startVirtualServer: start } = await importPatched(ofServer);
  return { ...props, startServer: (world, wanted) => start(world, SIGNING_KEYS[0], wanted) };
}

/** The server as a bundle of its own. */
async function importPatched(patches: readonly SourcePatch[]) {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["cli/sim/server/virtual-server.ts"],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    packages: "external",
    plugins: [plantPatches(patches)],
  });
  await mkdir(FOLDER, { recursive: true });
  const path = join(FOLDER, `server-${process.pid}.mjs`);
  await writeFile(path, outputFiles[0]?.contents ?? "");
  const module = (await import(`${pathToFileURL(path).href}?${Math.random()}`)) as {
    readonly startVirtualServer: typeof startVirtualServer;
  };
  await rm(path);
  return module;
}
