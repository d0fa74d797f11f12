import type { SigningKey } from "./firmware/signing-key.ts";
import type { TokenKey } from "./identity/device-token.ts";

/** How long media are kept that nobody saved, counted from their arrival; 0: for ever. */
export interface Retention {
  readonly photosDays: number;
  readonly clipsDays: number;
}

/** A clip has fifty times the bytes of a still, and is looked at on its day or never. */
export const USUAL_RETENTION: Retention = { photosDays: 30, clipsDays: 1 };

export interface Settings {
  /** Of this software. */
  readonly version: string;
  /** What clients reach this server by, without a slash at the end; every URL handed out starts with it. */
  readonly publicUrl: string;
  /** Signs and checks the tokens of the relay. */
  readonly relaySecret: string;
  /** Of the operator's password, as `hashPassword` makes it; undefined on an open server, which trusts everybody. */
  readonly adminPasswordHash: string | undefined;
  /** Sign and check the tokens of devices; the first signs. */
  readonly tokenKeys: readonly TokenKey[];
  /** Signs and checks the URLs of uploads and of firmware. */
  readonly uploadSecret: string;
  /** Signs releases; undefined on a server that publishes none. */
  readonly signingKey: SigningKey | undefined;
  /** How often a feeder asks for updates; undefined: as its firmware has it, every ten minutes. */
  readonly updateCheckSeconds?: number | undefined;
  /** Pages of other sites whose scripts may read this API's answers; they bring credentials of their own. */
  readonly allowedOrigins: readonly string[];
  /** What devices reach the broker by; undefined without one. */
  readonly mqttUrl?: string | undefined;
  readonly retention: Retention;
  /** Uploads wait below so much free room; undefined: as disk-guard.ts has it. */
  readonly minFreeBytes?: number | undefined;
  /** Opens /v1/test: never on a server that strangers reach. */
  readonly testRoutes: boolean;
}
