import { FRAME_TYPE, frameType } from "../../device/amb82-bridge/link/frame.ts";
import type { CameraPort } from "../board/camera-port.ts";
import type { World } from "../world.ts";
import { type Binned, BinnedSum } from "./binned-sum.ts";

/** Frames of the camera link, by the feeder's side. */
export interface LinkTimeline {
  readonly sent: Binned;
  readonly heard: Binned;
  readonly kinds: readonly {
    readonly kind: string;
    readonly sent: number;
    readonly heard: number;
  }[];
}

const KINDS = new Map(Object.entries(FRAME_TYPE).map(([kind, type]) => [Number(type), kind]));

/** Counts the frames of one link. */
export class LinkRecorder {
  readonly #over = { sent: new BinnedSum(), heard: new BinnedSum() };
  readonly #kinds = new Map<number, { sent: number; heard: number }>();

  constructor(world: World, port: CameraPort) {
    port.watchFrame = (way, frame) => {
      this.#over[way].add(world.nowMs);
      const type = frameType(frame);
      const count = this.#kinds.get(type) ?? { sent: 0, heard: 0 };
      count[way]++;
      this.#kinds.set(type, count);
    };
  }

  timeline(): LinkTimeline {
    const kinds = [...this.#kinds]
      .sort(([one], [other]) => one - other)
      .map(([type, count]) => ({ kind: KINDS.get(type) ?? `type ${type}`, ...count }));
    return { sent: this.#over.sent.binned(), heard: this.#over.heard.binned(), kinds };
  }
}
