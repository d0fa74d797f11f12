import type { Channel, Chip } from "./update-manifest.ts";

/** A release as its publisher sees it: the answer of /v1/releases. Times are RFC 3339. */
export interface PublishedRelease {
  readonly version: string;
  readonly product: string;
  readonly board: string;
  readonly chip: Chip;
  readonly channel: Channel;
  readonly size: number;
  readonly sha256: string;
  readonly elfSha256: string;
  readonly minimumVersion: string;
  readonly notes: string;
  readonly published: string;
  /** Of its newest signature, as are the two times. */
  readonly sequence: number;
  readonly issued: string;
  readonly expires: string;
  /** RFC 7638 thumbprint of the key that signed it. */
  readonly kid: string;
  /** Null while it is offered. */
  readonly blocked: { readonly at: string; readonly reason: string | null } | null;
}
