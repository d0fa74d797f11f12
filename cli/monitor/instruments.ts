/** What an instrumented build (mcconfig -i) says of itself once a second. */
export type InstrumentReadings = Readonly<Record<string, number>>;

/** Of the ESP32's port: espInstrumentNames in the SDK's xs/platforms/esp/xsHost.c. */
const PORT_NAMES = [
  "Pixels drawn",
  "Frames drawn",
  "Network bytes read",
  "Network bytes written",
  "Network sockets",
  "Timers",
  "Files",
  "Poco display list used",
  "Piu command List used",
  "SPI flash erases",
  "Turns",
  "System bytes free",
];
const CPU_NAMES: readonly (readonly string[])[] = [["CPU 0", "CPU 1"], ["CPU"]];
/** Of the engine: xsInstrumentNames in xs/sources/xsDebug.c. */
const ENGINE_NAMES = [
  "Chunk used",
  "Chunk available",
  "Slot used",
  "Slot available",
  "Stack used",
  "Stack available",
  "Garbage collections",
  "Keys used",
  "Modules loaded",
  "Parser used",
  "Floating Point",
  "Promises settled",
];
const KNOWN = CPU_NAMES.map((cpus) => [...PORT_NAMES, ...cpus, ...ENGINE_NAMES]);
const NAMES_MAX = 64;

/** The board names them when it starts; who came later goes by how many there are. */
export function parseInstrumentNames(line: string): readonly string[] | undefined {
  const [, list] = /^instruments key: (.+)$/.exec(line) ?? [];
  return list?.split(",", NAMES_MAX);
}

export function parseInstruments(
  line: string,
  told: readonly string[],
): InstrumentReadings | undefined {
  const [, list] = /^instruments: (-?\d{1,12}(?:,-?\d{1,12})*)$/.exec(line) ?? [];
  return list === undefined ? undefined : readingsOf(list, told);
}

/** `list` is numbers with commas between. */
export function readingsOf(list: string, told: readonly string[]): InstrumentReadings | undefined {
  const values = list.split(",", NAMES_MAX + 1).map(Number);
  const names = [told, ...KNOWN].find(({ length }) => length === values.length);
  if (names === undefined || values.some((value) => !Number.isFinite(value))) return undefined;
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? 0]));
}

/** The rows of the table: what a feeder can run out of. */
const ROWS: readonly (readonly [label: string, used: string, available?: string])[] = [
  ["chunks", "Chunk used", "Chunk available"],
  ["slots", "Slot used", "Slot available"],
  ["stack", "Stack used", "Stack available"],
  ["system free", "System bytes free"],
  ["collections", "Garbage collections"],
  ["sockets", "Network sockets"],
  ["timers", "Timers"],
];

export function instrumentRows(readings: InstrumentReadings): readonly string[] {
  return ROWS.flatMap(([label, used, available]) => {
    const value = readings[used];
    const of = available === undefined ? undefined : readings[available];
    if (value === undefined) return [];
    return [`${label.padEnd(12)}${of === undefined ? value : `${value} of ${of}`}`];
  });
}

export function instrumentText(readings: InstrumentReadings): string {
  return instrumentRows(readings)
    .map((row) => row.replace(/ {2,}/, " "))
    .join(", ");
}
