import type { HttpLane } from "../ports.ts";
import { type DownloadEnd, downloadImage } from "./image-download.ts";
import type { Release } from "./release.ts";
import type { SlotWriter } from "./slot-writer.ts";

interface DownloadEvents {
  progress(fileOffsetBytes: number): void;
  ended(end: DownloadEnd): void;
}

/** One download at a time, in turn with the photos: of one that was overtaken nothing more is written or told. */
export class Downloads {
  readonly #http: HttpLane;
  readonly #slot: SlotWriter;
  /** The newest counts. */
  #number = 0;

  constructor(http: HttpLane, slot: SlotWriter) {
    this.#http = http;
    this.#slot = slot;
  }

  start(release: Release, { progress, ended }: DownloadEvents): void {
    const number = ++this.#number;
    const isCurrent = (): boolean => number === this.#number;
    this.#http.takeTurn((leave) => {
      if (!isCurrent()) return leave();
      downloadImage(this.#http, release, this.#slot, { isCurrent, progress }, (end) => {
        leave();
        if (isCurrent()) ended(end);
      });
    });
  }

  stop(): void {
    this.#number++;
  }
}
