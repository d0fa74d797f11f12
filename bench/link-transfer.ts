import { createHash } from "node:crypto";
import { FRAME_BYTES_MAX, wireBytesMax } from "../device/amb82-bridge/link/frame.ts";
import type { LinkIdentity } from "../device/amb82-bridge/link/hello-exchange.ts";
import type { LinkEvents } from "../device/amb82-bridge/link/link-endpoint.ts";
import { parseRead } from "../device/amb82-bridge/link/link-messages.ts";
import { ObjectReceiver } from "../device/amb82-bridge/link/object-receiver.ts";
import { ObjectSender } from "../device/amb82-bridge/link/object-sender.ts";
import { quietLine } from "../host-sim/board/line-noise.ts";
import { World } from "../host-sim/world.ts";
import { connectEnds, LinkEnd } from "./link-end.ts";

const BITS_PER_SECOND = 921_600;
const RING_BYTES = 8192;
/** Hellos and the change of the rate are over by then. */
const MEETING_MS = 3_000;
const GIVE_UP_MS = 600_000;

export interface Transfer {
  readonly sizeBytes: number;
  readonly bitErrorRate: number;
  readonly dropFrameRate: number;
  readonly ringBytes: number;
  readonly pollEveryMs: number;
}

const QUIET: LinkEvents = {
  peerStarted: () => {},
  received: () => {},
  data: () => {},
  roomBytes: () => 0xffff,
  peek: () => false,
  advance: () => {},
  copy: () => 0,
};

/** Seconds from the order to read one object to its last byte, at 921600 baud; throws when a byte is not the owner's. */
export async function transferObject(
  options: Partial<Transfer> & Pick<Transfer, "sizeBytes">,
): Promise<number> {
  const { sizeBytes, ringBytes = RING_BYTES, pollEveryMs = 0, ...noise } = options;
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const object = anyBytes(world, sizeBytes);
  const sender = new ObjectSender(offerOf(object), object);
  const whole = createHash("sha256");
  const receiver = new ObjectReceiver(sender.offer, { write: (bytes) => whole.update(bytes) }, 0);
  let endedAtMs: number | undefined;
  const camera = owner(world, sender);
  const feeder = reader(world, ringBytes, pollEveryMs, (bytes, start, end) => {
    if (receiver.take(bytes, start, end) === "whole") endedAtMs = world.nowMs;
  });
  const faults = quietLine();
  connectEnds(world, faults, camera, feeder);
  await world.run(MEETING_MS);
  requireRate(camera, feeder);

  Object.assign(faults, noise);
  feeder.link.send("read", { id: 1, fileOffsetBytes: 0 });
  feeder.poll();
  while (endedAtMs === undefined && world.nowMs < GIVE_UP_MS) await world.run(world.nowMs + 100);
  if (endedAtMs === undefined) throw new Error(`only ${receiver.fileOffsetBytes} bytes arrived`);
  if (whole.digest("hex") !== sender.offer.sha256) throw new Error("another object arrived");
  if (feeder.lostBytes > 0) throw new Error(`the receive ring lost ${feeder.lostBytes} bytes`);
  return (endedAtMs - MEETING_MS) / 1000;
}

function owner(world: World, sender: ObjectSender): LinkEnd {
  return new LinkEnd(world, {
    identity: identityOf(RING_BYTES, false),
    events: {
      ...QUIET,
      received: (_type, record) => {
        const read = parseRead(record);
        if (read !== undefined) sender.read(read);
      },
      peek: (run, bytesMax) => sender.peek(run, bytesMax),
      advance: (run) => sender.advance(run),
      copy: (run, into, start) => sender.copy(run, into, start),
    },
    pollEveryMs: 0,
  });
}

function reader(
  world: World,
  ringBytes: number,
  pollEveryMs: number,
  data: LinkEvents["data"],
): LinkEnd {
  const identity = identityOf(ringBytes, true);
  return new LinkEnd(world, { identity, events: { ...QUIET, data }, pollEveryMs });
}

function requireRate(...ends: readonly LinkEnd[]): void {
  for (const { link } of ends) {
    if (link.bitsPerSecond !== BITS_PER_SECOND) throw new Error(`at ${link.bitsPerSecond} baud`);
  }
}

function identityOf(ringBytes: number, leadsRate: boolean): LinkIdentity {
  return {
    firmware: "bench",
    capabilities: () => ["still"],
    bauds: [115_200, 460_800, BITS_PER_SECOND],
    leadsRate,
    bufferBytes: ringBytes,
    frameBytesMax: Math.min(FRAME_BYTES_MAX, ringBytes - wireBytesMax(0)),
  };
}

function anyBytes(world: World, sizeBytes: number): Uint8Array {
  const random = world.random("object");
  return Uint8Array.from({ length: sizeBytes }, () => random() * 256);
}

function offerOf(object: Uint8Array) {
  return {
    id: 1,
    captureId: "bench-1",
    kind: "clip",
    size: object.length,
    sha256: createHash("sha256").update(object).digest("hex"),
    contentType: "video/avi",
    ageMs: 0,
  } as const;
}
