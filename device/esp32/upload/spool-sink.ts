import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import type { Offer } from "../../amb82-bridge/link/link-messages.ts";
import { STILL_BYTES_MAX } from "../limits.ts";
import type { Ports, Sha256 } from "../ports.ts";
import type { Spool } from "./spool.ts";
import type { StillFacts } from "./spool-item.ts";
import type { UploadQueue } from "./upload-queue.ts";

interface WallClock {
  wallClockMs(monotonicMs: number): number | undefined;
}

/** Takes a still from the camera link into the spool, hashing as it comes; satisfies capture's StillSink. */
export class SpoolSink {
  readonly #spool: Spool;
  readonly #queue: UploadQueue;
  readonly #ports: Pick<Ports, "time" | "createSha256">;
  readonly #clock: WallClock;
  readonly #bootId: string;
  #hash: Sha256 | undefined;
  #sha256 = "";

  constructor(
    spool: Spool,
    queue: UploadQueue,
    ports: Pick<Ports, "time" | "createSha256">,
    clock: WallClock,
    bootId: string,
  ) {
    this.#spool = spool;
    this.#queue = queue;
    this.#ports = ports;
    this.#clock = clock;
    this.#bootId = bootId;
  }

  holds({ captureId, sha256 }: Offer): boolean {
    return this.#spool.items.some((item) => item.captureId === captureId && item.sha256 === sha256);
  }

  prepare(): void {
    this.#spool.prepare();
  }

  begin(offer: Offer): CaptureFailure | undefined {
    const fits = offer.size > 0 && offer.size <= STILL_BYTES_MAX;
    if (!fits || !this.#queue.makeRoom(offer.size)) return "spool_full";
    this.#spool.begin(this.facts(offer));
    this.#sha256 = offer.sha256;
    this.#hash = this.#ports.createSha256();
    return undefined;
  }

  write(bytes: Uint8Array): void {
    this.#hash?.write(bytes);
    this.#spool.write(bytes);
  }

  commit(): CaptureFailure | undefined {
    const sha256 = this.#hash?.finish();
    this.#hash = undefined;
    if (sha256 !== this.#sha256) {
      this.#spool.abort();
      return "still_corrupt";
    }
    this.#spool.commit();
    return undefined;
  }

  stored(): void {
    this.#queue.takeNew();
  }

  abort(): void {
    this.#hash = undefined;
    this.#spool.abort();
  }

  private facts(offer: Offer): StillFacts {
    // A camera may have taken it before this boot.
    const takenAtMs = this.#ports.time.monotonicMs() - offer.ageMs;
    const capturedAtMs = this.#clock.wallClockMs(takenAtMs);
    return {
      captureId: offer.captureId,
      sizeBytes: offer.size,
      sha256: offer.sha256,
      contentType: offer.contentType,
      takenAtMs,
      bootId: this.#bootId,
      ...(capturedAtMs === undefined ? {} : { capturedAtMs }),
    };
  }
}
