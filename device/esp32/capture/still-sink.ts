import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import type { Offer } from "../../amb82-bridge/link/link-messages.ts";

/** Where an offered still goes while it arrives. */
export interface StillSink {
  /** This still is kept already: the camera did not hear that it was. */
  holds(offer: Offer): boolean;
  /** A still is expected: one step of making ready for it. */
  prepare(): void;
  /** A reason when the still cannot be taken; undefined when its bytes may come. */
  begin(offer: Offer): CaptureFailure | undefined;
  write(bytes: Uint8Array): void;
  /** Checks the whole and keeps it; a reason when it is not what was offered. */
  commit(): CaptureFailure | undefined;
  abort(): void;
  /** The end of what was committed has been told: it may go on its way. */
  stored(): void;
}
