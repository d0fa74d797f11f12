import type { AppInspection, Inspection, MergedInspection } from "./inspect.ts";

/** Of the first column: one space behind the longest name. */
const NAME_WIDTH = 11;
const COLUMN_WIDTH = 12;

export function inspectionText(found: Inspection): string {
  const { flashSize, segments } = found;
  return [
    ...row("kind", found.kind),
    ...row("chip", found.chip),
    ...row("project", found.project),
    ...row("version", found.version),
    ...row("built", found.built),
    ...(found.simulated ? row("for", "simulated boards") : row("ESP-IDF", found.idfVersion)),
    ...row("size", `${found.size} bytes`),
    ...row("flash", flashSize === null ? null : `${flashSize / 2 ** 20} MB`),
    ...row("sha256", found.sha256),
    ...row("elfSha256", found.elfSha256),
    ...row("checksum", verdict(found.checksumOk)),
    ...row("hash", verdict(found.hashOk)),
    ...(found.kind === "app" ? appRows(found) : mergedRows(found)),
    ...table(
      ["segments", "address", "offset", "bytes"],
      segments.map(({ address, offset, size }) => ["", hex(address), hex(offset), `${size}`]),
    ),
  ].join("\n");
}

function appRows({ trailingBytes }: AppInspection): string[] {
  return row("trailing", trailingBytes === 0 ? null : `${trailingBytes} bytes behind the image`);
}

function mergedRows({ appOffset, bootloader, partitions }: MergedInspection): string[] {
  const loader =
    bootloader === null
      ? "none"
      : `at ${hex(bootloader.offset)}, ${bootloader.imageSize} bytes, ` +
        `checksum ${verdict(bootloader.checksumOk)}`;
  return [
    ...row("bootloader", loader),
    ...row("app", `at ${hex(appOffset)}`),
    ...table(
      ["partitions", "label", "offset", "bytes"],
      partitions.map(({ label, offset, size }) => ["", label, hex(offset), `${size}`]),
    ),
  ];
}

function row(name: string, value: string | null): string[] {
  return value === null ? [] : [name.padEnd(NAME_WIDTH) + value];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [header, ...rows].map(([name = "", ...cells]) =>
    (name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padEnd(COLUMN_WIDTH)).join("")).trimEnd(),
  );
}

function verdict(isGood: boolean | null): string {
  if (isGood === null) return "none";
  return isGood ? "ok" : "WRONG";
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
