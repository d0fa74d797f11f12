/**
 * A headless Chromium without any set-up: on Linux x64 the one in the npm package, with the libraries and fonts packed
 * beside it; elsewhere the Chrome that is installed. CHROME_PATH names another one.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const CACHE = join(import.meta.dirname, "../../node_modules/.cache");

/** The libraries and fonts matter: without fonts nothing is painted, and contrast cannot be judged. */
const PACKED = ["chromium.br", "fonts.tar.br", "al2023.tar.br", "swiftshader.tar.br"];

/** The packed one looks in folders of a cloud's machines. */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;

export async function launchChromium(): Promise<Browser> {
  // The package's own arguments put everything into one process, which breaks with several pages open.
  return chromium.launch({ headless: true, args: ["--no-sandbox"], ...(await findChromium()) });
}

async function findChromium(): Promise<LaunchOptions> {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH !== undefined) return { executablePath: CHROME_PATH };
  const isPacked = process.platform === "linux" && process.arch === "x64";
  return isPacked ? findPackedChromium() : { channel: "chrome" };
}

async function findPackedChromium(): Promise<LaunchOptions> {
  const packageFolder = join(
    dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))),
    "..",
  );
  const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const folder = join(CACHE, `chromium-${version}`);
  if (!existsSync(folder)) await unpack(join(packageFolder, "bin"), folder);
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: join(folder, "al2023/lib"),
    FONTCONFIG_PATH: join(folder, "fonts"),
  };
  return { executablePath: join(folder, "chromium"), env };
}

/** Appears whole or not at all: a second test run may be starting at the same moment. */
async function unpack(from: string, folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const { inflate } = await import("@sparticuz/chromium");
  const { TMPDIR } = process.env;
  process.env.TMPDIR = unfinished; // inflate() takes no folder, it writes to the temporary one
  await Promise.all(PACKED.map((file) => inflate(join(from, file)))).finally(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  writeFileSync(join(unfinished, "fonts/fonts.conf"), FONTS_CONF);
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
}
