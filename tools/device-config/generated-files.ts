import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rangeText } from "../../protocol/check-settings.ts";
import { DEVICE_SETTINGS, type Setting } from "../../protocol/device-config.ts";
import { deviceConfigSchema } from "../../protocol/device-config-schema.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = join(ROOT, "docs/config.md");
const SCHEMA = join(ROOT, "config/schema/device-config.v1.json");

const BEGIN = "<!-- made by tools/device-config.ts: begin -->";
const END = "<!-- made by tools/device-config.ts: end -->";

interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** What is made of the table of settings, as it should be. */
export function generatedFiles(): readonly GeneratedFile[] {
  const schema = `${JSON.stringify(deviceConfigSchema(), null, 2)}\n`;
  return [
    { path: SCHEMA, text: schema },
    { path: PAGE, text: withTable(readFileSync(PAGE, "utf8")) },
  ];
}

/** The rest of the page is written by hand. */
function withTable(page: string): string {
  const [before = "", rest = ""] = page.split(BEGIN);
  const [, after = ""] = rest.split(END);
  return [before, BEGIN, `\n\n${settingsTable()}\n\n`, END, after].join("");
}

function settingsTable(): string {
  const rows = Object.entries(DEVICE_SETTINGS).map(([name, setting]) => rowOf(name, setting));
  return [
    "| setting | means | values | without it | since |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function rowOf(name: string, setting: Setting): string {
  const { description, since } = setting;
  const cells = [`\`${name}\``, description, rangeText(setting), usualText(setting), since];
  return `| ${cells.join(" | ")} |`;
}

function usualText(setting: Setting): string {
  if (!("default" in setting)) return setting.without;
  const value = [setting.default].flat().join(", ");
  return setting.unit === undefined ? value : `${value} ${setting.unit}`;
}
