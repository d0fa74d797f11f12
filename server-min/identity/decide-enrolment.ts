import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { POLICY_VIOLATION } from "../relay/peer.ts";
import { acceptDevice } from "../storage/device-access.ts";
import type { Enrolment } from "../storage/enrolments.ts";
import { decideEnrolment, forgetApproved } from "../storage/enrolments.ts";
import { Audit } from "./audit.ts";
import { readClaimCode } from "./claim-code.ts";

/** The enrolment of this claim code as it is decided now. */
export async function decide(
  { sql, clock, rooms }: Pick<AppPorts, "sql" | "clock" | "rooms">,
  typed: string,
  decision: "approved" | "denied",
): Promise<Enrolment | Refusal> {
  const claimCode = readClaimCode(typed);
  if (claimCode === undefined) return refused("invalid_request", "claimCode");
  const nowMs = clock.nowMs();
  const decided = await decideEnrolment(sql, claimCode, { decision, nowMs });
  if (decided === undefined) return refused("not_found", "no device waits with this code");
  if (decision === "denied") return decided;
  // Whoever was let in under this name before is somebody else now.
  await forgetApproved(sql, decided.device_id, decided);
  await acceptDevice(sql, decided.device_id, nowMs);
  rooms.dismiss(decided.device_id, POLICY_VIOLATION, "token_revoked");
  return decided;
}

/** For the starter, whose own feeders these are; a code that is none, or decided already, changes nothing. */
export async function approveOwnFeeder(ports: AppPorts, claimCode: string): Promise<void> {
  const decided = await decide(ports, claimCode, "approved");
  if ("code" in decided) return;
  const { device_id: target, address } = decided;
  const after = { claimCode, address };
  await new Audit(ports).note({ who: "starter", action: "approve_device", target, after });
}
