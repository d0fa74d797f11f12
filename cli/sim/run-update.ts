import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { becomes, NEW_VERSION, OLD_VERSION } from "./update-journal.ts";
import { buildFirmware, createUpdateWorld, imageOf, type UpdateWorld } from "./update-world.ts";

export interface RunUpdateOptions {
  readonly seed: number;
  readonly json?: boolean;
}

interface Step {
  readonly atMs: number;
  readonly status: string;
  readonly reason?: string;
}

export interface UpdateStory {
  readonly seed: number;
  readonly from: string;
  readonly to: string;
  readonly imageBytes: number;
  readonly steps: readonly Step[];
  /** What the new code says at its start. */
  readonly greeting: string;
  /** The same update with an image that is not what was signed. */
  readonly refusals: readonly { readonly offered: string; readonly result: string }[];
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly wallMs: number;
}

const IMAGE_BYTES = 1_200_000;
const MINUTE_MS = 60_000;

/** A feeder updates itself from the real server; then others are offered images that it must refuse. */
export async function runUpdate({ seed }: RunUpdateOptions): Promise<Outcome<UpdateStory>> {
  const startedMs = performance.now();
  const old = await buildFirmware({ version: OLD_VERSION });
  const image = imageOf(await buildFirmware({ version: NEW_VERSION }), IMAGE_BYTES);
  const system = await createUpdateWorld({ seed, firmware: old });
  await system.publish(image);
  system.board.powerOn();
  if (!(await becomes(system, NEW_VERSION))) {
    return failed(
      "not_updated",
      "the feeder does not run the new image",
      `--seed ${seed}`,
      EXIT.failed,
    );
  }
  return done({
    seed,
    from: OLD_VERSION,
    to: NEW_VERSION,
    imageBytes: image.length,
    steps: steps(system),
    greeting: system.log.findLast((line) => line.includes("feeder:"))?.trim() ?? "",
    refusals: [
      { offered: "another image than was signed", result: await offerSpoilt(seed, flipByte) },
      { offered: "half of the image", result: await offerSpoilt(seed, half) },
      { offered: "a manifest with another signature", result: await offerSpoilt(seed, resign) },
    ],
    traceHash: system.world.trace.hash(),
    virtualMs: system.world.nowMs,
    wallMs: performance.now() - startedMs,
  });
}

type Spoil = (answer: Response, path: string) => Promise<Response>;

async function flipByte(answer: Response, path: string): Promise<Response> {
  if (!path.endsWith("/image.bin")) return answer;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  bytes[5_000] = (bytes[5_000] ?? 0) ^ 1;
  return new Response(bytes, answer);
}

async function half(answer: Response, path: string): Promise<Response> {
  if (!path.endsWith("/image.bin")) return answer;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const headers = { "Content-Length": String(bytes.length >> 1) };
  return new Response(bytes.subarray(0, bytes.length >> 1), { headers });
}

async function resign(answer: Response, path: string): Promise<Response> {
  if (!path.endsWith("/check-update")) return answer;
  const body = (await answer.text()).replace(/\.[\w-]{86}"/, `.${"A".repeat(86)}"`);
  return new Response(body, answer);
}

/** What the feeder reports of an offer that somebody on the way has changed. */
async function offerSpoilt(seed: number, spoil: Spoil): Promise<string> {
  const old = await buildFirmware({ version: OLD_VERSION });
  const system = await createUpdateWorld({ seed, firmware: old });
  await system.publish(imageOf(await buildFirmware({ version: NEW_VERSION })));
  system.path.tamper = (answer, request) => spoil(answer, new URL(request.url).pathname);
  system.board.powerOn();
  await system.world.run(5 * MINUTE_MS);
  const { version } = await system.status();
  const end = steps(system).find(({ reason }) => reason !== undefined);
  return `${end?.status ?? "nothing"} ${end?.reason ?? ""}, runs ${String(version)}`;
}

function steps({ heard }: UpdateWorld): Step[] {
  const events = heard.filter(({ message }) => message.type === "event.ota");
  return events.map(({ atMs, message }) => {
    const { status, reason } = message.payload as { status: string; reason?: string };
    return { atMs: Math.round(atMs), status, ...(reason === undefined ? {} : { reason }) };
  });
}

export function updateText(story: UpdateStory): string {
  const lines = story.steps
    .filter(({ status }, index) => status !== story.steps[index - 1]?.status)
    .map(({ atMs, status }) => `${(atMs / 1_000).toFixed(1).padStart(7)} s  ${status}`);
  return [
    `${story.from} -> ${story.to}, ${story.imageBytes} bytes, seed ${story.seed}`,
    ...lines,
    `the new code says: ${story.greeting}`,
    ...story.refusals.map(({ offered, result }) => `offered ${offered}: ${result}`),
    `trace ${story.traceHash}`,
  ].join("\n");
}
