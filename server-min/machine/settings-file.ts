import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { isRecord } from "../../protocol/json.ts";
import { readProxies } from "./client-address.ts";

const PORT = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const TEXT = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000));
const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));

const ADDRESS = v.pipe(
  v.string(),
  v.regex(/^\S+:\d{1,5}$/, "not HOST:PORT"),
  v.check((text) => Number(text.split(":").at(-1)) <= 65_535, "no such port"),
);

function urlOf(...protocols: readonly string[]) {
  const names = protocols.map((protocol) => `${protocol}://`).join(" or ");
  return v.pipe(
    TEXT,
    v.check(
      (text) => protocols.includes(URL.parse(text)?.protocol.slice(0, -1) ?? ""),
      `not an address that starts with ${names}`,
    ),
  );
}

/** Browsers send it letter by letter so: one that is written otherwise would never be allowed. */
const ORIGIN = v.pipe(
  urlOf("http", "https"),
  v.check(
    (text) => text === (URL.parse(text)?.origin ?? text),
    ({ input }) => `"${input}" is more than an origin: "${URL.parse(input)?.origin}"`,
  ),
);

/** The one settings file, as written; docs/config.md says what each means. Paths are relative to the file. */
export const SETTINGS_FILE = v.object({
  publicUrl: v.optional(urlOf("http", "https")),
  host: v.optional(TEXT),
  port: v.optional(PORT),
  alsoListen: v.optional(v.array(PORT)),
  dataDir: v.optional(TEXT),
  insecure: v.optional(v.boolean()),
  adminPasswordFile: v.optional(TEXT),
  signingKeyFile: v.optional(TEXT),
  secretsFile: v.optional(TEXT),
  checkUpdatesSeconds: v.optional(v.pipe(COUNT, v.minValue(10))),
  allowedOrigins: v.optional(v.array(ORIGIN)),
  trustedProxies: v.optional(
    v.array(
      v.pipe(
        TEXT,
        v.check((range) => readProxies([range]) !== undefined, "no address or CIDR range"),
      ),
    ),
  ),
  tls: v.optional(v.object({ certFile: TEXT, keyFile: TEXT })),
  database: v.optional(v.object({ url: urlOf("postgres", "postgresql") })),
  objects: v.optional(
    v.object({
      endpoint: urlOf("http", "https"),
      publicEndpoint: v.optional(urlOf("http", "https")),
      region: v.optional(TEXT, "us-east-1"),
      bucket: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "no bucket name")),
      accessKeyId: TEXT,
      secretAccessKeyFile: v.optional(TEXT),
    }),
  ),
  mqtt: v.optional(
    v.object({
      listen: v.optional(ADDRESS),
      listenTls: v.optional(ADDRESS),
      url: v.optional(urlOf("mqtt", "mqtts")),
      publicUrl: v.optional(urlOf("mqtt", "mqtts")),
      username: v.optional(TEXT),
      passwordFile: v.optional(TEXT),
    }),
  ),
  retention: v.optional(v.object({ photosDays: v.optional(COUNT), clipsDays: v.optional(COUNT) })),
  disk: v.optional(v.object({ minFreeBytes: v.optional(COUNT) })),
  log: v.optional(
    v.object({
      format: v.optional(v.picklist(["text", "json"])),
      level: v.optional(v.picklist(["debug", "info", "warn", "error"])),
    }),
  ),
});

export type SettingsFile = v.InferOutput<typeof SETTINGS_FILE>;

export type SettingsResult =
  | { readonly kind: "read"; readonly settings: SettingsFile }
  | { readonly kind: "failed"; readonly mistakes: readonly string[] };

/** Reads and checks the whole file; every mistake is told, not only the first. */
export function readSettingsFile(path: string): SettingsResult {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    return { kind: "failed", mistakes: [`it cannot be read (${reason})`] };
  }
  const read = parseSettings(text);
  if (read.kind === "failed") return read;
  return { kind: "read", settings: resolvePaths(dirname(path), read.settings) as SettingsFile };
}

export function parseSettings(text: string): SettingsResult {
  let table: unknown;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n", 1)[0];
    return { kind: "failed", mistakes: [`line ${error.line}: ${reason}`] };
  }
  const unknown = unknownNames(SETTINGS_FILE, table).map((name) => `${name}: no such setting`);
  const checked = v.safeParse(SETTINGS_FILE, table);
  const wrong = checked.success
    ? contradictions(checked.output)
    : checked.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  const mistakes = [...unknown, ...wrong];
  if (!checked.success || mistakes.length > 0) return { kind: "failed", mistakes };
  return { kind: "read", settings: checked.output };
}

/** What each value alone does not show. */
function contradictions({ mqtt, publicUrl, tls }: SettingsFile): string[] {
  const found: string[] = [];
  if ((mqtt?.listen ?? mqtt?.listenTls) !== undefined && mqtt?.url !== undefined) {
    found.push("mqtt: either listen (the broker in this server) or url (another one)");
  }
  if (mqtt?.url === undefined && (mqtt?.username ?? mqtt?.passwordFile) !== undefined) {
    found.push("mqtt: username and passwordFile are for the broker at url");
  }
  if (tls !== undefined && publicUrl?.startsWith("http:") === true) {
    found.push("publicUrl: starts with http:// although tls is set");
  }
  return found;
}

/** Valibot's strict objects stop at the first name they do not know. */
function unknownNames(schema: v.GenericSchema, value: unknown, path = ""): string[] {
  const inner = "wrapped" in schema ? (schema.wrapped as v.GenericSchema) : schema;
  if (!("entries" in inner) || !isRecord(value)) return [];
  const entries = inner.entries as Readonly<Record<string, v.GenericSchema>>;
  return Object.entries(value).flatMap(([name, part]) => {
    const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
    return entry === undefined ? [`${path}${name}`] : unknownNames(entry, part, `${path}${name}.`);
  });
}

/** The data folder, and every setting that ends in File. */
function resolvePaths(folder: string, settings: unknown): unknown {
  if (!isRecord(settings) || Array.isArray(settings)) return settings;
  const resolved = Object.entries(settings).map(([name, value]) => {
    const isPath = typeof value === "string" && /(^dataDir|File)$/.test(name);
    return [name, isPath ? resolve(folder, value) : resolvePaths(folder, value)];
  });
  return Object.fromEntries(resolved);
}
