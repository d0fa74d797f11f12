import { parseRecord } from "./json.ts";
import type { ProblemCode } from "./problem.ts";

/** POST /v1/enrolment {deviceId}: a device that has no token asks to be let in (RFC 8628, 3.2). */
export interface EnrolmentAnswer {
  /** The device's secret; it polls with it. */
  readonly deviceCode: string;
  /** What the device shows and its operator types or compares. */
  readonly claimCode: string;
  /** Seconds; after them both codes are void and the device asks anew. */
  readonly expiresIn: number;
  /** Seconds between two polls. */
  readonly interval: number;
}

/** POST /v1/enrolment/token {deviceId, deviceCode}, once approved; and POST /v1/device-token, to renew. */
export interface TokenAnswer {
  /** Goes as `Authorization: Bearer` with every request of the device. */
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

const CODE_CHARACTERS_MAX = 64;
const CLAIM_CODE_CHARACTERS_MAX = 16;
/** Ours have 270; a value of NVS has 4,000. */
const TOKEN_CHARACTERS_MAX = 1_024;

/** A refusal that a token would lift: of this server itself, not of a page on the way to it. */
export function isTokenRefusal(status: number, body: string): boolean {
  if (status !== 401) return false;
  const code = parseRecord(body)?.code as ProblemCode | undefined;
  switch (code) {
    case "token_missing":
    case "token_invalid":
    case "token_expired":
    case "token_revoked":
      return true;
    default:
      return false;
  }
}

export function parseEnrolmentAnswer(body: string): EnrolmentAnswer | undefined {
  const { deviceCode, claimCode, expiresIn, interval } = parseRecord(body) ?? {};
  if (typeof deviceCode !== "string" || typeof claimCode !== "string") return undefined;
  if (typeof expiresIn !== "number" || typeof interval !== "number") return undefined;
  const isShort =
    deviceCode.length <= CODE_CHARACTERS_MAX && claimCode.length <= CLAIM_CODE_CHARACTERS_MAX;
  // It is written to a terminal.
  const isReadable = /^[A-Z0-9-]+$/.test(claimCode);
  return isShort && isReadable ? { deviceCode, claimCode, expiresIn, interval } : undefined;
}

/** The token of a TokenAnswer. */
export function parseTokenAnswer(body: string): string | undefined {
  const token = parseRecord(body)?.token;
  if (typeof token !== "string" || token.length > TOKEN_CHARACTERS_MAX) return undefined;
  // It becomes part of a header (RFC 6750, 2.1).
  return /^[\w.~+/-]+=*$/.test(token) ? token : undefined;
}
