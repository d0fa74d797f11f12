/**
 * What an update takes of the heap over the idle one, in the real XS engine: the app of bench/xs-update, built for Linux,
 * takes an image from the real server. Needs the Moddable SDK; exit code 3 without it.
 *
 * A row is the most that was alive at once in that step, in bytes of the ESP32. Exact: how many slots. At most: the rest,
 * because chunks here have larger headers, and larger slots and pointers in them. Not in it: what C allocates.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeAppImage } from "../host-sim/board/app-image.ts";
import { type RunningServer, startServer } from "../server-min/node.ts";
import { findSdk } from "../tools/device-check/sdk.ts";
import { type BenchRow, printRows } from "./rows.ts";
import { buildApp } from "./xs-update/app-build.ts";
import { type HeapMarks, runApp } from "./xs-update/app-run.ts";

const IMAGE_BYTES = process.argv.includes("--smoke") ? 100_000 : 1_200_000;
const SECTOR = { of: "a sector", size: 4_096 };
/** What downloading and verifying may take. */
const BOUND = { of: "16 KiB", size: 16_384 };
/** `creation.stack` of manifest.json. */
const STACK = { of: "its slots", size: 512 };
/** SENT_BYTES of xs-update/exchanges.ts. */
const STALLED_AFTER_BYTES = 65_536;
const STEPS = ["client", "exchange", "ask", "offer", "download", "verify", "gate", "stage"];

/** A server that sends some of what it promised, and then nothing. */
async function startStalling() {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Length": IMAGE_BYTES });
    response.write(Buffer.alloc(STALLED_AFTER_BYTES));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${address.port}/`, close };
}

async function publish({ app, publicUrl }: RunningServer): Promise<void> {
  const about = { product: "skyfeeder", version: "1.0.0", javascript: "" };
  const body = new Uint8Array(encodeAppImage({ ...about, padToBytes: IMAGE_BYTES }));
  const url = `${publicUrl}/v1/releases?channel=stable&board=feeder`;
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(body.length),
  };
  const answer = await app.fetch(new Request(url, { method: "POST", headers, body }));
  if (answer.status !== 201) throw new Error(`not published: ${await answer.text()}`);
}

async function measure(sdk: string, scratch: string): Promise<HeapMarks> {
  const dataDir = join(scratch, "data");
  const server = await startServer({ host: "127.0.0.1", port: 0, dataDir, notice() {} });
  if (server.kind === "failed") throw new Error(server.reason);
  const stalling = await startStalling();
  try {
    await publish(server);
    const app = buildApp(sdk, scratch, {
      serverUrl: server.publicUrl,
      updateKeys: server.firmwareKey ?? "",
      stallingUrl: stalling.url,
    });
    return await runApp(app, "stage");
  } finally {
    stalling.close();
    await server.close();
  }
}

function rowsOf(marks: HeapMarks): BenchRow[] {
  const liveBytes = (step: string): number => marks[step]?.liveBytes ?? Number.NaN;
  const restBytes = liveBytes("idle") - liveBytes("ports");
  const openBytes = liveBytes("exchange") - liveBytes("idle");
  const stackSlots = Math.max(...Object.values(marks).map((mark) => mark.stackSlots));
  return [
    row("xs.at_rest", restBytes, "B", SECTOR),
    row("xs.exchange.silent", openBytes, "B", BOUND),
    ...STEPS.map((step) => {
      const peakBytes = marks[step]?.peakBytes ?? Number.NaN;
      return row(`xs.${step}`, peakBytes - liveBytes("idle"), "B", BOUND);
    }),
    row("xs.stack", stackSlots, "slots", STACK),
  ];
}

function row(name: string, value: number, unit: string, beside: { of: string; size: number }) {
  return { name, value, unit, of: beside.of, ratio: value / beside.size };
}

async function main(): Promise<number> {
  const sdk = findSdk(process.env);
  if (sdk.kind === "missing") {
    console.error(
      `bench:xs-update runs XS itself: MODDABLE must name its SDK.\n${sdk.reason.hint}`,
    );
    return 3;
  }
  const scratch = mkdtempSync(join(tmpdir(), "skyfeeder-xs-update-"));
  try {
    printRows(rowsOf(await measure(sdk.folder, scratch)));
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main();
