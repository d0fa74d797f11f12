import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Firmware } from "./board/board.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What stands behind the firmware's only outside imports, on any simulated engine. */
const MODULES: Readonly<Record<string, string>> = {
  timer: "timer",
  time: "time",
  net: "net",
  crypt: "crypt",
  "text/decoder": "text-decoder",
  "text/encoder": "text-encoder",
  "mc/ffi": "ffi",
  "embedded:io/digital": "digital",
  "embedded:io/socket/tcp": "socket",
  "embedded:io/socket/tcp/tls": "socket",
  "embedded:io/socket/udp": "socket",
  "embedded:network/dns/resolver/udp": "dns-resolver",
  "embedded:network/http/client": "http-client",
  "embedded:network/interface/wifi": "wifi",
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

/**
 * Bundles the firmware for simulated boards. The text holds no path of this machine, so it and everything that follows
 * from it are the same from any folder.
 */
export async function bundleFirmware(): Promise<Firmware> {
  const manifest = JSON.parse(await readFile(join(root, "manifest.json"), "utf8")) as {
    config: { firmwareVersion: string };
  };
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["main.ts"],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    plugins: [boardModules(manifest.config)],
  });
  return {
    product: "skyfeeder",
    version: manifest.config.firmwareVersion,
    javascript: result.outputFiles[0]?.text ?? "",
    partitionCsv: await readFile(join(root, "device/esp32/native/partitions.csv"), "utf8"),
  };
}
