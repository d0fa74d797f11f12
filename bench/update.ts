/** What an update costs: flash, bytes fetched again, time. The last row is of this machine, the others of virtual time. */
import { sweepPowerCuts } from "../cli/sim/sweep/power-cut-sweep.ts";
import { recordUpdate } from "../cli/sim/sweep/update-journal.ts";
import {
  buildFirmware,
  createUpdateWorld,
  imageOf,
  type UpdateWorld,
} from "../cli/sim/update-world.ts";
import { readPartitions } from "../host-sim/board/bootloader.ts";
import { SECTOR_BYTES } from "../host-sim/board/flash.ts";
import { randomStream } from "../host-sim/random.ts";
import { printRows } from "./rows.ts";

const IMAGE_BYTES = process.argv.includes("--smoke") ? 300_000 : 1_200_000;
/** What a connection carries before it breaks. */
const BREAK_BYTES_MAX = 200_000;

interface Offered {
  readonly system: UpdateWorld;
  readonly image: Uint8Array<ArrayBuffer>;
}

async function offered(): Promise<Offered> {
  const firmware = await buildFirmware({ version: "1.0.0" });
  const system = await createUpdateWorld({ seed: 1, firmware });
  const image = imageOf(await buildFirmware({ version: "1.1.0" }), IMAGE_BYTES);
  system.board.powerOn();
  await system.world.run(120_000);
  return { system, image };
}

function stage({ stages }: UpdateWorld): unknown {
  return stages().at(-1)?.status;
}

async function runTo({ system }: Offered, status: string, look: () => void = () => {}) {
  const { world } = system;
  while (stage(system) !== status) {
    await world.run(world.nowMs + 500);
    look();
  }
}

async function measureFlash(): Promise<{ programmedBytes: number; downloadMs: number }> {
  const update = await offered();
  const { board, heard } = update.system;
  await update.system.publish(update.image);
  await runTo(update, "confirmed");
  const slot = readPartitions(board.flash).find(({ label }) => label === "ota_1");
  const first = (slot?.offsetBytes ?? 0) / SECTOR_BYTES;
  let programmedBytes = 0;
  for (let sector = 0; sector < IMAGE_BYTES / SECTOR_BYTES; sector++) {
    programmedBytes += board.flash.wear(first + sector).bytesProgrammed;
  }
  const timeOf = (status: string): number => {
    const event = heard.find(({ message }) => Object(message.payload).status === status);
    return event?.atMs ?? Number.NaN;
  };
  return { programmedBytes, downloadMs: timeOf("verified") - timeOf("downloading") };
}

/** The most that was fetched a second time after a connection broke. */
async function measureFetchedAgain(): Promise<number> {
  const update = await offered();
  const random = randomStream(1, "breaks");
  let arrivedBytes = 0;
  let mostAgain = 0;
  update.system.path.tamper = async (answer, request) => {
    if (!request.url.includes("/image.bin") || stage(update.system) !== "downloading")
      return answer;
    const [, from = "0"] = /bytes=(\d+)-$/.exec(request.headers.get("range") ?? "") ?? [];
    mostAgain = Math.max(mostAgain, arrivedBytes - Number(from));
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const piece = bytes.subarray(0, 1 + Math.floor(random() * BREAK_BYTES_MAX));
    arrivedBytes = Number(from) + piece.length;
    let isSent = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (isSent && piece.length < bytes.length) return controller.error(new Error("broken"));
        if (isSent) return controller.close();
        isSent = true;
        controller.enqueue(piece);
      },
    });
    return new Response(body, answer);
  };
  await update.system.publish(update.image);
  await runTo(update, "verified");
  return mostAgain;
}

async function measureSweep(): Promise<{ points: number; wallMs: number }> {
  const journal = await recordUpdate("first", IMAGE_BYTES, 1);
  const options = { seed: 1, recoverEvery: 0, cutAgainEvery: 0 };
  return sweepPowerCuts(journal, journal.operations, options);
}

const { programmedBytes, downloadMs } = await measureFlash();
const again = await measureFetchedAgain();
const sweep = await measureSweep();
const linkMs = IMAGE_BYTES / 60;
printRows([
  {
    name: "update.programmed",
    value: programmedBytes,
    unit: "B",
    of: "the image",
    ratio: programmedBytes / IMAGE_BYTES,
  },
  {
    name: "update.fetched_again",
    value: again,
    unit: "B",
    of: "a sector",
    ratio: again / SECTOR_BYTES,
  },
  {
    name: "update.download",
    value: downloadMs / 1_000,
    unit: "s",
    of: "the link of 60 kB/s alone",
    ratio: linkMs / downloadMs,
  },
  { name: "update.sweep", value: sweep.points, unit: "power cuts" },
  { name: "update.sweep.wall", value: sweep.wallMs / 1_000, unit: "s" },
]);
