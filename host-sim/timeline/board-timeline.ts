import type { EnergyReport } from "../board/energy-meter.ts";
import type { Binned } from "./binned-sum.ts";
import type { Exchange } from "./exchange-log.ts";
import type { Beginning } from "./first-of.ts";
import type { FlashTimeline } from "./flash-recorder.ts";
import type { Span } from "./lane.ts";
import type { LinkTimeline } from "./link-recorder.ts";

/** Something that happened at a moment. */
export interface Mark {
  readonly atMs: number;
  readonly what: string;
}

/** What one feeder and its camera did, as data that a picture is drawn from. */
export interface BoardTimeline {
  readonly deviceId: string;
  /** Off, booting, running, safe mode, asleep. */
  readonly states: readonly Span[];
  readonly wifi: readonly Span[];
  /** While its WebSocket is open. */
  readonly session: readonly Span[];
  /** The phases of the camera. */
  readonly camera: readonly Span[];
  /** Visits, boots, resets, power cuts. */
  readonly marks: Beginning<Mark>;
  /** What the camera took, and its ends. */
  readonly taken: Beginning<Mark>;
  readonly exchanges: Beginning<Exchange>;
  readonly link: LinkTimeline;
  readonly flash: FlashTimeline;
  /** In mA times ms. */
  readonly charge: { readonly feeder: Binned; readonly camera: Binned };
  readonly energy: {
    readonly feeder: EnergyReport;
    readonly camera: EnergyReport;
    readonly mAh: number;
  };
}
