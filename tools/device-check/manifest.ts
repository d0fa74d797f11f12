import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly config: { readonly firmwareVersion: string; readonly product: string };
  readonly modules: Readonly<Record<string, string | readonly string[]>>;
  readonly preload: readonly string[];
  readonly ffi: {
    readonly functions: Readonly<Record<string, { readonly arguments: readonly string[] }>>;
  };
  readonly platforms: Readonly<
    Record<string, { readonly ffi?: { readonly sources: readonly string[] } }>
  >;
}

const APP_DESCRIPTION = join("device", "esp32", "native", "app_slots.c");

/** Its body starts the feeder: xsl would run that on the build machine. */
const NEVER_PRELOADED = ["device/esp32/main"];

export function readManifest(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as Manifest;
}

/** What mcconfig does not see: versions and names that differ, and C functions that are not there or take something else. */
export function manifestFaults(root: string): string[] {
  const manifest = readManifest(root);
  return [
    ...identityFaults(root, manifest),
    ...ffiFaults(root, manifest, "esp32"),
    ...ffiFaults(root, manifest, "lin"),
  ];
}

/** Name and version are in the image twice: for the firmware itself, and for who looks at the image. */
function identityFaults(root: string, { config }: Manifest): string[] {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  const description = readFileSync(join(root, APP_DESCRIPTION), "utf8");
  const isSame = config.firmwareVersion === version;
  return [
    ...(isSame ? [] : [`manifest.json: firmwareVersion is not package.json's, ${version}`]),
    ...lacking(description, `#define FIRMWARE_VERSION "${version}"`),
    ...lacking(description, `.project_name = "${config.product}"`),
  ];
}

function lacking(code: string, line: string): string[] {
  return code.includes(line) ? [] : [`${APP_DESCRIPTION}: there is no ${line}`];
}

function ffiFaults(root: string, { ffi, platforms }: Manifest, platform: string): string[] {
  const sources = platforms[platform]?.ffi?.sources ?? [];
  const code = sources.map((source) => readFileSync(join(root, source), "utf8")).join("\n");
  return Object.entries(ffi.functions).flatMap(([name, declared]) => {
    const definition = new RegExp(`^\\w[\\w ]*[ *]${name}\\(([^)]*)\\)\\s*\\{`, "m").exec(code);
    if (!definition) return [`${platform}: no C function ${name} in ${sources.join(", ")}`];
    const takes = argumentTypes(definition[1] ?? "");
    const wants = declared.arguments.join(", ");
    return takes === wants
      ? []
      : [`${platform}: ${name} takes (${takes}), manifest.json says (${wants})`];
  });
}

/** "uint8_t *into, uint32_t offset" -> "uint8_t*, uint32_t" */
function argumentTypes(parameters: string): string {
  if (parameters.trim() === "void") return "";
  return parameters
    .split(",")
    .map((parameter) => parameter.trim().replace(/\s*(\**)\s*\w+$/, "$1"))
    .join(", ");
}

/** A module that is not preloaded is evaluated on the board, into RAM. Wildcards in "preload" skip TypeScript. */
export function preloadFaults(root: string): string[] {
  const { modules, preload } = readManifest(root);
  const own = Object.entries(modules).flatMap(([name, source]) =>
    typeof source === "string" && source.startsWith("./") && source.endsWith("/*")
      ? modulesIn(join(root, source.slice(0, -1)), name.slice(0, -1))
      : [],
  );
  const missing = own.filter((name) => !preload.includes(name) && !NEVER_PRELOADED.includes(name));
  const gone = preload.filter((name) => /^(protocol|device)\//.test(name) && !own.includes(name));
  return [
    ...missing.map((name) => `manifest.json: "${name}" is not in "preload"`),
    ...gone.map((name) => `manifest.json: "preload" has "${name}", which does not exist`),
  ];
}

function modulesIn(folder: string, prefix: string): string[] {
  const files = readdirSync(folder).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".d.ts"),
  );
  return files.map((file) => prefix + file.slice(0, -".ts".length));
}
