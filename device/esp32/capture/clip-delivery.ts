import type { UploadFailure } from "../../../protocol/room-messages.ts";
import type { HttpBody } from "../ports.ts";

export interface ClipFacts {
  readonly captureId: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** On the feeder's monotonic clock. */
  readonly takenAtMs: number;
}

/** How a camera's own upload ended. */
export type CarryResult =
  | { readonly kind: "stored" }
  | { readonly kind: "failed"; readonly reason: UploadFailure; readonly httpStatus?: number };

/** The two ways a clip can leave the camera. */
export interface ClipCarrier {
  /** False once the camera is lost, and the clip with it. */
  hasIt(captureId: string): boolean;
  /** It has Wi-Fi of its own. */
  canUpload(): boolean;
  upload(
    url: string,
    headers: Readonly<Record<string, string>>,
    done: (result: CarryResult) => void,
  ): void;
  /** Its bytes from the first one on, as they come over the link. */
  openBody(): HttpBody;
}

export interface ClipDelivery {
  /** Brings a clip to the server; calls `done` once, whether it is there or given up. */
  deliver(clip: ClipFacts, carrier: ClipCarrier, done: () => void): void;
  /** The camera lost a clip that was waiting. */
  lost(clip: ClipFacts): void;
}
