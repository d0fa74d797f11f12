import type { UpdateFailure } from "../../../protocol/update-reasons.ts";
import { DOWNLOAD_IDLE_MS, DOWNLOAD_TIMEOUT_MS } from "../limits.ts";
import type { Http, HttpSink } from "../ports.ts";
import type { Release } from "./release.ts";
import type { SlotWriter } from "./slot-writer.ts";

export type DownloadEnd =
  | { readonly kind: "downloaded" }
  /** The connection broke; the rest is to be had. */
  | { readonly kind: "broken" }
  /** The permission to download has run out: the next offer brings another. */
  | { readonly kind: "stale" }
  | { readonly kind: "failed"; readonly reason: UpdateFailure };

export interface DownloadWatch {
  /** False: the slot is another's by now. */
  isCurrent(): boolean;
  progress(fileOffsetBytes: number): void;
}

/** One GET of what is missing of an image, into the slot as it comes. */
export function downloadImage(
  http: Http,
  release: Release,
  slot: SlotWriter,
  watch: DownloadWatch,
  done: (end: DownloadEnd) => void,
): void {
  slot.rewind();
  const sink = new ImageSink(release, slot, watch);
  const request = {
    method: "GET",
    url: release.url,
    headers: rangeHeaders(release, slot.fileOffsetBytes),
    sink,
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  } as const;
  http.request(request, (result) => done(sink.end(result.kind === "answered")));
}

/** If-Range: an image that changed under the same address comes whole, and is then refused by its hash. */
function rangeHeaders(
  { sha256 }: Release,
  fileOffsetBytes: number,
): readonly (readonly [string, string])[] {
  if (fileOffsetBytes === 0) return [];
  return [
    ["Range", `bytes=${fileOffsetBytes}-`],
    ["If-Range", `"${sha256}"`],
  ];
}

class ImageSink implements HttpSink {
  readonly idleTimeoutMs = DOWNLOAD_IDLE_MS;
  readonly #release: Release;
  readonly #slot: SlotWriter;
  readonly #watch: DownloadWatch;
  #end: DownloadEnd | undefined;

  constructor(release: Release, slot: SlotWriter, watch: DownloadWatch) {
    this.#release = release;
    this.#slot = slot;
    this.#watch = watch;
  }

  begin(status: number, header: (name: string) => string | undefined): boolean {
    if (!this.#watch.isCurrent()) return this.refuse({ kind: "broken" });
    const { sizeBytes } = this.#release;
    const { fileOffsetBytes } = this.#slot;
    if (status === 206) {
      const wanted = `bytes ${fileOffsetBytes}-${sizeBytes - 1}/${sizeBytes}`;
      return (
        header("content-range") === wanted ||
        this.refuse({ kind: "failed", reason: "size_mismatch" })
      );
    }
    if (status !== 200) return this.refuse(endOf(status));
    const length = header("content-length");
    if (length !== undefined && Number(length) !== sizeBytes) {
      return this.refuse({ kind: "failed", reason: "size_mismatch" });
    }
    // The server does not know ranges, or has another image: what is in flash is not of this answer.
    if (fileOffsetBytes > 0) this.#slot.restart();
    return true;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#watch.isCurrent()) return this.refuse({ kind: "broken" });
    const before = this.#slot.fileOffsetBytes;
    if (this.#slot.takenBytes + bytes.length > this.#release.sizeBytes) {
      return this.refuse({ kind: "failed", reason: "size_mismatch" });
    }
    if (!this.store(bytes)) return this.refuse({ kind: "failed", reason: "flash_failed" });
    const { fileOffsetBytes } = this.#slot;
    if (fileOffsetBytes > before) this.#watch.progress(fileOffsetBytes);
    return true;
  }

  /** A chip that is worn out is no bug of ours, and the running image lives in other sectors. */
  private store(bytes: Uint8Array): boolean {
    try {
      this.#slot.append(bytes);
      if (this.#slot.takenBytes === this.#release.sizeBytes) this.#slot.finish();
      return true;
    } catch {
      return false;
    }
  }

  end(isAnswered: boolean): DownloadEnd {
    if (this.#end !== undefined) return this.#end;
    if (this.#slot.takenBytes === this.#release.sizeBytes) return { kind: "downloaded" };
    // A whole answer that is too short would be so again.
    return isAnswered ? { kind: "failed", reason: "size_mismatch" } : { kind: "broken" };
  }

  private refuse(end: DownloadEnd): boolean {
    this.#end = end;
    return false;
  }
}

function endOf(status: number): DownloadEnd {
  if (status === 401 || status === 403) return { kind: "stale" };
  if (status === 410) return { kind: "failed", reason: "release_blocked" };
  const isTheirs = status >= 500 || status === 408 || status === 429;
  return isTheirs ? { kind: "broken" } : { kind: "failed", reason: "download_refused" };
}
