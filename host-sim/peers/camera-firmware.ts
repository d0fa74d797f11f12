import { FRAME_BYTES_MAX, type MessageType } from "../../device/amb82-bridge/link/frame.ts";
import { LinkEndpoint } from "../../device/amb82-bridge/link/link-endpoint.ts";
import {
  type Command,
  type MediaKind,
  parseCommand,
  parseEnded,
  parseRead,
  type Result,
} from "../../device/amb82-bridge/link/link-messages.ts";
import type { PlannedEvent } from "../world.ts";
import type { CameraFirmware, CameraHost, CameraRun, UploadOutcome } from "./camera-host.ts";
import { CameraShelf } from "./camera-shelf.ts";
import { CameraWifi } from "./camera-wifi.ts";
import { LineWire } from "./line-wire.ts";

/** Exposure and JPEG encoding of one still. */
const STILL_MS = 250;
/** Closing the file behind the last frame of a clip. */
const CLIP_EXTRA_MS = 200;
/** How long its answer to the order to sleep may wait for an acknowledgement. */
const GOOD_NIGHT_MS = 1_000;
const GOOD_NIGHT_POLL_MS = 5;
/** Nobody talks to this camera: it sleeps when it holds nothing, and later in any case. */
const LONELY_MS = 60_000;
const FORSAKEN_MS = 600_000;
const CAPTURES_WAITING_MAX = 4;

type Capture = Extract<Command, { op: "photo" | "clip" }>;

/** The simulated camera's firmware: the commands of docs/link.md, in TypeScript. */
export const cameraProgram: CameraFirmware = (host, bootNumber) =>
  new CameraProgram(host, bootNumber);

class CameraProgram implements CameraRun {
  readonly #host: CameraHost;
  readonly #wire: LineWire;
  readonly #link: LinkEndpoint;
  readonly #shelf = new CameraShelf();
  readonly #wifi: CameraWifi;
  readonly #startedAtMs: number;
  readonly #captures: Capture[] = [];
  #capturing = false;
  #uploading = false;
  #planned: PlannedEvent | undefined;

  constructor(host: CameraHost, bootNumber: number) {
    this.#host = host;
    this.#wire = new LineWire(host);
    this.#wifi = new CameraWifi(host);
    this.#startedAtMs = host.nowMs();
    const shelf = this.#shelf;
    this.#link = new LinkEndpoint(
      this.#wire,
      {
        peerStarted: () => {
          for (const offer of shelf.offers(host.nowMs())) this.#link.send("offer", offer);
        },
        received: (type, record) => this.#received(type, record),
        data: () => {},
        roomBytes: () => 0,
        peek: (run, bytesMax) => shelf.peek(run, bytesMax),
        advance: (run) => shelf.advance(run),
        copy: (run, into, start) => shelf.copy(run, into, start),
      },
      {
        firmware: "simulated",
        capabilities: () => capabilitiesOf(host),
        bauds: [115_200, 460_800, 921_600],
        leadsRate: false,
        bufferBytes: 4096,
        frameBytesMax: FRAME_BYTES_MAX,
      },
    );
    this.#link.open(`camera-${bootNumber}`);
    this.#poll();
    host.later(LONELY_MS, () => this.#checkLonely());
  }

  receive(bytes: Uint8Array): void {
    this.#wire.arrived(bytes);
    this.#poll();
  }

  #poll(): void {
    const { nowMs } = this.#host;
    this.#link.poll(nowMs());
    this.#planned?.cancel();
    const dueMs = this.#link.blocked ? this.#wire.roomAtMs() : this.#link.nextDueMs();
    if (dueMs === Number.POSITIVE_INFINITY) return;
    // The end of a transmission is not told: the link looks for it each millisecond.
    const delayMs = Math.max(dueMs - nowMs(), this.#link.blocked ? 0 : 1);
    this.#planned = this.#host.later(delayMs, () => this.#poll());
  }

  #received(type: MessageType, record: Record<string, unknown>): void {
    if (type === "read") {
      const read = parseRead(record);
      if (read !== undefined && !this.#shelf.read(read)) this.#link.send("cancel", { id: read.id });
    } else if (type === "done" || type === "cancel") {
      const ended = parseEnded(record);
      if (ended !== undefined) this.#shelf.remove(ended.id);
    } else if (type === "command") {
      this.#obey(parseCommand(record), record);
    }
    this.#showActivity();
  }

  #obey(command: Command | undefined, record: Record<string, unknown>): void {
    switch (command?.op) {
      case undefined:
        return this.#answer({ op: String(record.op), ok: false, reason: "unknown_op" });
      case "photo":
      case "clip":
        return this.#capture(command);
      case "upload":
        return this.#upload(command);
      case "sleep":
        return this.#goToSleep();
      case "status":
        return this.#answer({
          op: "status",
          ok: true,
          uptimeMs: Math.round(this.#host.nowMs() - this.#startedAtMs),
          objects: this.#shelf.count,
          wifi: this.#wifi.state,
        });
      case "wifi_stage":
        return this.#wifi.stage(command, (reason) => this.#settle("wifi_stage", reason));
      case "wifi_commit":
        return this.#settle("wifi_commit", this.#wifi.commit());
      case "wifi_abort":
        return this.#settle("wifi_abort", this.#wifi.abort());
    }
  }

  #capture(capture: Capture): void {
    const { op, captureId } = capture;
    if (this.#captures.length === CAPTURES_WAITING_MAX) {
      return this.#answer({ op, captureId, ok: false, reason: "busy" });
    }
    this.#captures.push(capture);
    if (!this.#capturing) this.#nextCapture();
  }

  #nextCapture(): void {
    const next = this.#captures.shift();
    this.#capturing = next !== undefined;
    this.#showActivity();
    if (next === undefined) return;
    this.#host.doing(next.op === "photo" ? "still" : "clip");
    const durationMs = next.op === "photo" ? STILL_MS : next.seconds * 1000 + CLIP_EXTRA_MS;
    this.#host.later(durationMs, () => {
      const { quality } = next;
      const bytes =
        next.op === "photo"
          ? this.#host.takeStill(quality)
          : this.#host.takeClip(next.seconds, quality);
      this.#taken(next.op === "photo" ? "still" : "clip", next.captureId, bytes);
      this.#nextCapture();
      this.#poll();
    });
  }

  #taken(kind: MediaKind, captureId: string, bytes: Uint8Array): void {
    if (this.#host.isMute()) return;
    if (bytes.length === 0) {
      const op = kind === "still" ? "photo" : "clip";
      return this.#answer({ op, captureId, ok: false, reason: `${kind}_failed` });
    }
    const offer = this.#shelf.add(kind, captureId, bytes, this.#host.nowMs());
    this.#host.trace(`${kind} ${offer.size} ${offer.sha256}`);
    this.#link.send("offer", offer);
  }

  #upload({ id, url, headers }: Extract<Command, { op: "upload" }>): void {
    const body = this.#shelf.bytes(id);
    const network = this.#host.credentials();
    const fail = (reason: string) => this.#answer({ op: "upload", id, ok: false, reason });
    if (body === undefined) return fail("no_object");
    if (network === undefined) return fail("no_wifi");
    if (this.#uploading) return fail("busy");
    this.#uploading = true;
    this.#host.upload(network, { url, headers, body }, (outcome) => {
      this.#uploading = false;
      this.#answer({ op: "upload", id, ...uploadResult(outcome) });
      this.#showActivity();
      this.#poll();
    });
  }

  #goToSleep(): void {
    if (this.#isBusy() || this.#shelf.count > 0) {
      return this.#answer({ op: "sleep", ok: false, reason: "busy" });
    }
    this.#answer({ op: "sleep", ok: true });
    this.#sleepWhenHeard(this.#host.nowMs() + GOOD_NIGHT_MS);
  }

  /** The feeder should know: without its acknowledgement it would come and look. */
  #sleepWhenHeard(untilMs: number): void {
    const { nowMs } = this.#host;
    if (this.#link.idle || nowMs() >= untilMs) return this.#host.sleep();
    this.#host.later(GOOD_NIGHT_POLL_MS, () => this.#sleepWhenHeard(untilMs));
  }

  #isBusy(): boolean {
    return this.#capturing || this.#uploading || this.#wifi.joining;
  }

  #settle(op: string, reason: string | undefined): void {
    this.#answer(reason === undefined ? { op, ok: true } : { op, ok: false, reason });
    this.#showActivity();
    this.#poll();
  }

  #answer(result: Result): void {
    this.#link.send("result", result);
  }

  #showActivity(): void {
    if (this.#isBusy()) return;
    this.#host.doing(this.#shelf.isReading ? "transfer" : "idle");
  }

  #checkLonely(): void {
    const silentMs = this.#host.nowMs() - Math.max(this.#startedAtMs, this.#link.heardAtMs);
    const limitMs = this.#isBusy() || this.#shelf.count > 0 ? FORSAKEN_MS : LONELY_MS;
    if (silentMs >= limitMs) this.#host.sleep();
    else this.#host.later(limitMs - silentMs, () => this.#checkLonely());
  }
}

function uploadResult(outcome: UploadOutcome): { ok: boolean; status?: number; reason?: string } {
  if (outcome.kind !== "answered") return { ok: false, reason: outcome.kind };
  const { status } = outcome;
  return status >= 200 && status < 300
    ? { ok: true, status }
    : { ok: false, status, reason: "refused" };
}

function capabilitiesOf(host: CameraHost): string[] {
  return [
    "still",
    ...(host.makesClips ? ["clip"] : []),
    ...(host.credentials() === undefined ? [] : ["wifi"]),
  ];
}
