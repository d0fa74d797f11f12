import { expect, test } from "vitest";
import { improvPacket, readBoard } from "./read-board.ts";

const encoder = new TextEncoder();

test("the firmware's log and ESP-IDF's have a level and a tag, in any pieces and with any line end", () => {
  const { print, lines } = readBoard();
  print("info session: onl");
  print("ine\r\nwarn network: join failed\n\u001b[0;31mE (4021) wifi:no mem\u001b[0m\r");
  print("\nV (07:12:01.123) phy: calibrated\r\nhello\n");
  expect(lines).toEqual([
    { kind: "log", level: "info", tag: "session", text: "online" },
    { kind: "log", level: "warn", tag: "network", text: "join failed" },
    { kind: "log", level: "error", tag: "wifi", text: "no mem" },
    { kind: "log", level: "verbose", tag: "phy", text: "calibrated" },
    { kind: "text", text: "hello" },
  ]);
});

test("what a terminal would obey, or a reader not see, is shown as what it is", () => {
  const { print, reader, texts } = readBoard();
  print("a\u001b]0;title\u0007b\u001b[2Jc\u0000d\u009be\u202ef\tg\n");
  reader.push(Uint8Array.of(0x68, 0xff, 0xc3, 0x28, 0x0a));
  expect(texts()).toEqual([
    "a\\x1b]0;title\\x07b\\x1b[2Jc\\x00d\\x9be\\u{202e}f\tg",
    "h\ufffd\ufffd(",
  ]);
});

test("a line that never ends comes in pieces, and one that waits is shown when asked", () => {
  const { print, reader, lines, texts } = readBoard();
  print("x".repeat(10_000));
  expect(texts().map(({ length }) => length)).toEqual([4096, 4096]);
  print("\nname> ");
  reader.flush();
  reader.flush();
  expect(lines.slice(2).map(({ text }) => text)).toEqual(["x".repeat(1808), "name> "]);
});

test.each([
  [
    "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
    "power came on, or EN was pulled low",
  ],
  ["rst:0x5 (DEEPSLEEP_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)", "woke from deep sleep"],
  [
    "rst:0x8 (TG1WDT_SYS_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
    "interrupts were off for too long",
  ],
  ["rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)", "the supply fell too low"],
  ["rst:0x15 (USB_UART_CHIP_RESET),boot:0x8 (SPI_FAST_FLASH_BOOT)", "the USB serial port reset it"],
  [
    "rst:0x1e (WHATEVER_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
    "unknown to this command (WHATEVER",
  ],
])("%s is named in words", (line, words) => {
  const { print, lines, notes } = readBoard();
  print(`ets Jul 29 2019 12:21:46\r\n\r\n${line}\r\n`);
  expect(lines.find(({ kind }) => kind === "reset")?.text).toBe(line);
  expect(notes()).toEqual([expect.stringContaining(words)]);
});

test("a board in download mode is said to wait", () => {
  const { print, notes } = readBoard();
  print("rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n");
  expect(notes()[1]).toContain("waits for a flasher");
});

test.each([
  ["invalid header: 0xffffffff\r\n", "0x10 (RTCWDT_RTC_RESET)", "holds no bootloader"],
  [
    "E (74) boot: No bootable app partitions in the partition table\r\n",
    "0x3 (SW_RESET)",
    "no app",
  ],
  ["", "0xf (RTCWDT_BROWN_OUT_RESET)", "its supply breaks down"],
  ["abort() was called at PC 0x40081d41 on core 0\r\n", "0xc (SW_CPU_RESET)", "ends in a panic"],
  ["XS abort: memory full \r\n", "0xc (SW_CPU_RESET)", "JavaScript aborts"],
  ["", "0x7 (TG0WDT_SYS_RESET)", "a watchdog bites"],
  ["", "0xc (SW_CPU_RESET)", "nothing was printed"],
])("a boot loop is told once, with its cause: %j", (before, reset, cause) => {
  const { clock, print, notes } = readBoard();
  for (let start = 0; start < 12; start++) {
    print(`rst:${reset},boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n${before}`);
    clock.nowMs += 2_000;
  }
  const loops = notes().filter((text) => text.startsWith("boot loop"));
  expect(loops).toEqual([expect.stringContaining("4 starts in 6 s")]);
  expect(loops[0]).toContain(cause);
});

test("a feeder that sleeps and wakes, or starts once a minute, is in no loop", () => {
  const { clock, print, notes } = readBoard();
  for (let start = 0; start < 8; start++) {
    print("rst:0x5 (DEEPSLEEP_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n");
    clock.nowMs += 1_000;
  }
  for (let start = 0; start < 8; start++) {
    print("rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n");
    clock.nowMs += 30_000;
  }
  expect(notes().filter((text) => text.startsWith("boot loop"))).toEqual([]);
});

test("a panic's backtrace gives the addresses of its code, each once", () => {
  const { print, lines } = readBoard();
  print("Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.\r\n");
  print(
    "PC      : 0x400d2f1b  PS      : 0x00060730  A0      : 0x800d3a5c  A1      : 0x3ffb1f10\r\n",
  );
  print(
    "Backtrace: 0x400d2f18:0x3ffb1f10 0x400d3a59:0x3ffb1f30 0x400d3a59:0x3ffb1f50 |<-CORRUPTED\r\n",
  );
  print("abort() was called at PC 0x40081D41 on core 0\r\n");
  print("the values 0x400d2f18 and 0x3ffb1f10 mean nothing here\r\n");
  expect(lines.map(({ kind, addresses }) => [kind, addresses])).toEqual([
    ["panic", undefined],
    ["text", undefined],
    ["panic", ["0x400d2f18", "0x400d3a59"]],
    ["panic", ["0x40081d41"]],
    ["text", undefined],
  ]);
});

test("an Improv packet is a note of what it is, and never shows a password", () => {
  const { print, reader, lines } = readBoard();
  const secret = [...encoder.encode("hunter2\n!")];
  print("info improv: up\r\n");
  reader.push(improvPacket(1, [2]));
  reader.push(improvPacket(2, [3]));
  reader.push(improvPacket(3, [1, 17, 6, ...encoder.encode("garden"), secret.length, ...secret]));
  reader.push(improvPacket(4, [4, 0]));
  const broken = improvPacket(3, [1, 11, ...secret]);
  broken[15] = 0;
  reader.push(broken);
  print("info improv: done\r\n");
  expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "log up",
    "improv Improv: ready for credentials",
    "improv Improv: cannot join the network",
    "improv Improv: asks for Wi-Fi credentials",
    "improv Improv: answers network scan",
    "improv Improv: a broken packet",
    "log done",
  ]);
});

test("a packet that a reset cut short does not swallow the reset", () => {
  const { print, reader, notes } = readBoard();
  reader.push(improvPacket(4, [4, 200]).subarray(0, 10));
  print(`\r\nets Jul 29 2019 12:21:46\r\n\r\n${"x".repeat(20)}\r\n`);
  print("rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n".repeat(4));
  expect(notes().join()).toContain("the supply fell too low");
});

test("instruments are known by what the board calls them, or by how many there are", () => {
  const numbers = Array.from({ length: 26 }, (_, at) => at + 1);
  const late = readBoard();
  late.print(`instruments: ${numbers.join(",")}\r\n`);
  expect(late.lines[0]).toMatchObject({
    kind: "instruments",
    text: "chunks 15 of 16, slots 17 of 18, stack 19 of 20, system free 12, collections 21, sockets 5, timers 6",
  });
  const early = readBoard();
  early.print("instruments key: Timers,Slot used\r\ninstruments: 3,4\r\ninstruments: 1,2,3\r\n");
  expect(early.lines.map(({ kind, text }) => [kind, text])).toEqual([
    ["instruments", "slots 4, timers 3"],
    ["text", "instruments: 1,2,3"],
  ]);
});

test("a debug build's stream for xsbug is text", () => {
  const { print, lines } = readBoard();
  print("<?xs-00000000?>\r\n");
  print(
    '\r\n<?xs.3ffb1234?>\r\n<xsbug><login name="main" value="XS 17.7.0 32-bit LE 16-bit ID" flags="e"/></xsbug>\r\n',
  );
  print("\r\n<?xs.3ffb1234?>\r\n<xsbug><log>info session: on</log></xsbug>\r\n");
  print("\r\n<?xs.3ffb1234?>\r\n<xsbug><log>line &#60;1&#62;&#10;rest</log></xsbug>\r\n");
  print(
    '\r\n<?xs.3ffb1234?>\r\n<xsbug><log path="/src/feeder.ts" line="12"># Exception: f: no x!\n</log></xsbug>\r\n',
  );
  print(
    '\r\n<?xs.3ffb1234?>\r\n<xsbug><frames><frame name="f" value="@1"/></frames><local name="f"><property name="secret" value="1"/></local>',
  );
  print('<break path="/src/feeder.ts" line="12"># Break: debugger!\n</break></xsbug>\r\n');
  print(
    '\r\n<?xs.3ffb1234?>\r\n<xsbug><instruments><instrument name="Timers" value=" timers"/></instruments></xsbug>\r\n',
  );
  print("\r\n<?xs.3ffb1234?>\r\n<xsbug><samples>7</samples></xsbug>\r\n");
  expect(lines.map(({ kind, text }) => [kind, text])).toEqual([
    ["debugger", "main: XS 17.7.0 32-bit LE 16-bit ID"],
    ["log", "online <1>"],
    ["exception", "Exception: f: no x! (/src/feeder.ts:12)"],
    ["debugger", "Break: debugger! (/src/feeder.ts:12); it waits for xsbug to go on"],
    ["instruments", "timers 7"],
  ]);
});

test("a reset in the middle of that stream is still seen", () => {
  const { print, notes } = readBoard();
  print('<xsbug><local name="f"><property name="x" value="');
  print(
    "\r\nets Jul 29 2019 12:21:46\r\n\r\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
  );
  expect(notes()).toEqual([expect.stringContaining("software restarted the CPU")]);
});

test("a core dump is folded into a note, and is whole for the log file", () => {
  const { print, lines, notes } = readBoard();
  const base64 = `${"QUJDRA".repeat(10)}\r\n`;
  print("================= CORE DUMP START =================\r\n");
  print(base64.repeat(100));
  print("================= CORE DUMP END =================\r\nRebooting...\r\n");
  expect(lines.filter(({ kind }) => kind === "dump")).toHaveLength(102);
  expect(notes()[1]).toContain("core dump of about 4500 bytes");
  expect(lines.at(-1)).toMatchObject({ kind: "panic", text: "Rebooting..." });
});
