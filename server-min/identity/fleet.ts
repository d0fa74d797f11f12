import type { Context } from "hono";
import type { TokenAnswer } from "../../protocol/enrolment.ts";
import { isFeederName } from "../../protocol/feeder-name.ts";
import { isDeviceId } from "../../protocol/ids.ts";
import { giveName } from "../devices/device-names.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { POLICY_VIOLATION } from "../relay/peer.ts";
import { acceptDevice, revokeDevice } from "../storage/device-access.ts";
import type { Enrolment } from "../storage/enrolments.ts";
import { forgetApproved } from "../storage/enrolments.ts";
import type { Audit } from "./audit.ts";
import { decide } from "./decide-enrolment.ts";
import { issueToken } from "./issue-token.ts";

/** What operators decide about devices; each is done for the one who made the request, and logged. */
export class Fleet {
  readonly #ports: AppPorts;
  readonly #audit: Audit;

  constructor(ports: AppPorts, audit: Audit) {
    this.#ports = ports;
    this.#audit = audit;
  }

  /** The enrolment that showed the code; its device is in from now on. */
  async approve(c: Context, typed: string): Promise<Enrolment | Refusal> {
    const decided = await decide(this.#ports, typed, "approved");
    if ("code" in decided) return decided;
    const deviceId = decided.device_id;
    await this.#audit.did(c, { action: "approve_device", target: deviceId, after: told(decided) });
    return decided;
  }

  async deny(c: Context, typed: string): Promise<Enrolment | Refusal> {
    const decided = await decide(this.#ports, typed, "denied");
    if ("code" in decided) return decided;
    const deviceId = decided.device_id;
    await this.#audit.did(c, { action: "deny_device", target: deviceId, before: told(decided) });
    return decided;
  }

  /** For a device on the operator's desk, without a claim code. */
  async issueToken(c: Context, deviceId: string): Promise<TokenAnswer | Refusal> {
    if (!isDeviceId(deviceId)) return refused("invalid_device_id");
    const { sql, clock } = this.#ports;
    const known = await issueToken(this.#ports, deviceId);
    if (known === undefined) await acceptDevice(sql, deviceId, clock.nowMs());
    const issued = known ?? (await issueToken(this.#ports, deviceId));
    if (issued === undefined) return refused("not_found", "it was revoked meanwhile");
    await this.#audit.did(c, {
      ...{ action: "issue_device_token", target: deviceId },
      ...{ before: { accepted: known !== undefined }, after: { accepted: true } },
    });
    return issued;
  }

  /** Null takes the name back. The answer has what the device is called from now on. */
  async name(
    c: Context,
    deviceId: string,
    name: string | null,
  ): Promise<{ readonly name: string | null } | Refusal> {
    if (!isDeviceId(deviceId)) return refused("invalid_device_id");
    if (name !== null && !isFeederName(name)) return refused("invalid_request", "name");
    const named = await giveName(this.#ports.sql, deviceId, name);
    if (named === undefined) return refused("not_found");
    await this.#audit.did(c, {
      ...{ action: "name_device", target: deviceId },
      ...{ before: { name: named.given }, after: { name } },
    });
    return { name: named.name };
  }

  /** Undefined when it is done. */
  async revoke(c: Context, deviceId: string): Promise<Refusal | undefined> {
    if (!isDeviceId(deviceId)) return refused("invalid_device_id");
    const { sql, clock, rooms } = this.#ports;
    const revoked = await revokeDevice(sql, deviceId, clock.nowMs());
    if (!revoked) return refused("not_found", "it has no token");
    await forgetApproved(sql, deviceId);
    rooms.dismiss(deviceId, POLICY_VIOLATION, "token_revoked");
    await this.#audit.did(c, {
      ...{ action: "revoke_device", target: deviceId },
      ...{ before: { accepted: true }, after: { accepted: false } },
    });
    return undefined;
  }
}

/** What an operator compares before letting a device in. */
export function told({ claim_code: claimCode, address }: Enrolment) {
  return { claimCode, address };
}
