/** What a line says of a firmware's end; the addresses are code, the innermost first. */
export interface PanicLine {
  readonly addresses: readonly string[];
  /** What to think of it, when the line does not say so itself. */
  readonly hint?: string;
}

const ADDRESSES_MAX = 64;
/** Where the code of ESP32s is: everything else in a backtrace is stack. */
const CODE = /^0x4[0-3][0-9a-f]{6}$/;

const FORMS: readonly (readonly [form: RegExp, hint: string | undefined])[] = [
  [/^Guru Meditation Error: Core +\d panic'ed/, undefined],
  [/^abort\(\) was called at PC /, undefined],
  [/^assert failed: /, undefined],
  [/^\*{3}ERROR\*{3} A stack overflow in task /, undefined],
  [/^(Stack smashing protect failure|CORRUPT HEAP: )/, undefined],
  [/^(Backtrace: ?0x|MEPC +: 0x|Core +\d register dump:|Rebooting\.\.\.)/, undefined],
  [/^ELF file SHA256: /, undefined],
  [
    /^E \(\d+\) task_wdt: Task watchdog got triggered/,
    "one task kept the CPU to itself for longer than the watchdog allows",
  ],
  [/^(E \(\d+\) BOD: )?Brownout detector was triggered/, "a better supply or a shorter cable"],
  [
    /^XS abort: memory full/,
    "JavaScript's heap was too small for what ran: see the instruments of an instrumented build (mcconfig -i)",
  ],
  [/^XS abort: (JavaScript|native) stack overflow/, "calls went too deep"],
  [/^XS abort: not enough keys/, "raise creation.keys in manifest.json"],
  [/^XS abort: dead strip/, "the build left out what runs now: see strip in manifest.json"],
  [/^XS abort: unhandled (exception|rejection)/, "nobody caught what the firmware threw"],
  [/^XS abort: /, undefined],
];

export function parsePanicLine(line: string): PanicLine | undefined {
  const form = FORMS.find(([pattern]) => pattern.test(line));
  if (form === undefined) return undefined;
  const [, hint] = form;
  const addresses = codeAddresses(line);
  return hint === undefined ? { addresses } : { addresses, hint };
}

/** Each once: a recursion repeats them. */
function codeAddresses(line: string): readonly string[] {
  if (!/^(Backtrace|abort|MEPC)/.test(line)) return [];
  const found = line.toLowerCase().match(/0x[0-9a-f]{8}/g) ?? [];
  return [...new Set(found.filter((text) => CODE.test(text)))].slice(0, ADDRESSES_MAX);
}

/** Of the line that ESP-IDF prints with each panic: the first digits of the ELF file's SHA-256. */
export function panickedElf(line: string): string | undefined {
  return /^ELF file SHA256: +([0-9a-f]{6,64})/i.exec(line)?.[1]?.toLowerCase();
}
