import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Firmware } from "./board/board-options.ts";
import { keepModules } from "./kept-modules.ts";
import { keepSourceMap, wantsSourceMaps } from "./source-map.ts";
import { plantPatches, type SourcePatch } from "./source-patches.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What stands behind the firmware's only outside imports, on any simulated engine. */
const MODULES: Readonly<Record<string, string>> = {
  timer: "timer",
  time: "time",
  wifi: "legacy-wifi",
  net: "net",
  crypt: "crypt",
  ecdsa: "ecdsa",
  curve: "curve",
  ecp: "ecp",
  "text/decoder": "text-decoder",
  "text/encoder": "text-encoder",
  "ssl/cert": "ssl-cert",
  "mc/ffi": "ffi",
  "embedded:io/analog": "analog",
  "embedded:io/digital": "digital",
  "embedded:io/pwm": "pwm",
  "embedded:io/serial": "serial",
  "embedded:io/socket/listener": "listener",
  "embedded:io/socket/tcp": "tcp",
  "embedded:io/socket/tcp/tls": "socket",
  "embedded:io/socket/udp": "udp",
  "embedded:network/dns/resolver/udp": "dns-resolver",
  "embedded:network/http/client": "http-client",
  "embedded:network/interface/wifi": "wifi",
  "embedded:network/mqtt/client": "mqtt-client",
  "embedded:network/websocket/client": "websocket-client",
  "embedded:storage/flash": "flash-storage",
  "embedded:storage/key-value": "key-value",
};

function boardModules(config: Readonly<Record<string, unknown>>): Plugin {
  return {
    name: "board-modules",
    setup(bundler) {
      bundler.onResolve({ filter: /^[a-z]/ }, ({ path }) => {
        if (path === "mc/config") return { path, namespace: "config" };
        const file = MODULES[path];
        return file === undefined
          ? undefined
          : { path: join(root, "host-sim/embedded", `${file}.ts`) };
      });
      bundler.onLoad({ filter: /.*/, namespace: "config" }, () => ({
        contents: JSON.stringify(config),
        loader: "json",
      }));
    },
  };
}

export interface FirmwareOptions {
  /** Instead of the manifest's, in what the firmware reports and in its image. */
  readonly version?: string;
  /** Replaces values of mc/config, as `mcconfig key=value` does. */
  readonly config?: Readonly<Record<string, string>>;
  /** JavaScript that runs before the firmware: what a test breaks in it. */
  readonly prelude?: string;
  readonly patches?: readonly SourcePatch[];
}

/**
 * Bundles the firmware for simulated boards. The text holds no path of this machine, so it and everything that follows
 * from it are the same from any folder.
 */
export async function bundleFirmware(options: FirmwareOptions = {}): Promise<Firmware> {
  const manifest = JSON.parse(await readFile(join(root, "manifest.json"), "utf8")) as {
    config: { firmwareVersion: string };
  };
  const version = options.version ?? manifest.config.firmwareVersion;
  const config = { ...manifest.config, ...options.config, firmwareVersion: version };
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["main.ts"],
    bundle: true,
    write: false,
    outfile: "firmware.js",
    sourcemap: wantsSourceMaps() ? "external" : false,
    sourcesContent: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    // Not the tsconfig.json of whatever folder this is in: modules are strict, and so must the bundle be.
    tsconfigRaw: { compilerOptions: { alwaysStrict: true, verbatimModuleSyntax: true } },
    logLevel: "silent",
    ...(options.prelude === undefined ? {} : { banner: { js: options.prelude } }),
    plugins: [plantPatches(options.patches ?? []), boardModules(config)],
  });
  const written = (name: string): string | undefined =>
    result.outputFiles.find(({ path }) => basename(path) === name)?.text;
  const bundle = written("firmware.js") ?? "";
  // What a prelude breaks must be broken anew at each start.
  const javascript = options.prelude === undefined ? keepModules(bundle) : bundle;
  const map = written("firmware.js.map");
  if (map !== undefined) keepSourceMap(javascript, map);
  return {
    product: "skyfeeder",
    version,
    javascript,
    partitionCsv: await readFile(join(root, "device/esp32/native/partitions.csv"), "utf8"),
  };
}
