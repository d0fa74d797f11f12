/**
 * A 1.2 MB image by `skyfeeder flash` at 921600 baud, in virtual time: a figure of the protocol, bound by the wire, since
 * simulated processors are free and the simulated chip takes no time to erase. Beside it what it costs in processor time.
 */
import { createHash } from "node:crypto";
import { flashBoard } from "../cli/flash/flash-board.ts";
import {
  appImage,
  file,
  flashBytes,
  inWorldTime,
  mergedImage,
  placeOnDesk,
} from "../test/cli/flash/bench-desk.ts";
import { printRows } from "./rows.ts";

const BAUD = 921_600;
const BITS_A_BYTE = 10;
const IMAGE_BYTES = process.argv.includes("--smoke") ? 200_000 : 1_200_000;

const { world, board, line } = placeOnDesk();
const image = await mergedImage(await appImage("it runs", IMAGE_BYTES - 0x20000));
const [begin, end] = [
  { bytes: 0, atMs: 0 },
  { bytes: 0, atMs: 0 },
];
const cpu = process.cpuUsage();
const outcome = await inWorldTime(world, () =>
  flashBoard(line, file(image), { baudRate: BAUD, erase: false }, ({ kind }) => {
    const now = { bytes: line.writtenBytes, atMs: world.nowMs };
    if (kind === "found") Object.assign(begin, now);
    if (kind === "verifying") Object.assign(end, now);
  }),
);
const { user, system } = process.cpuUsage(cpu);
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
if (outcome.kind === "failed") throw new Error(outcome.failure.message);
if (md5(flashBytes(board, 0, image.length)) !== md5(image)) throw new Error("it is not the image");

const seconds = (end.atMs - begin.atMs) / 1000;
const wireSeconds = ((end.bytes - begin.bytes) * BITS_A_BYTE) / BAUD;
const cpuSeconds = (user + system) / 1e6;
printRows([
  {
    name: "flash.1200k",
    value: seconds,
    unit: "s",
    of: "the wire time of what esptool-js sends for it",
    ratio: wireSeconds / seconds,
  },
  {
    name: "flash.1200k.cpu",
    value: cpuSeconds,
    unit: "s of processor time, board and wires too",
    of: "the wire time",
    ratio: cpuSeconds / wireSeconds,
  },
]);
