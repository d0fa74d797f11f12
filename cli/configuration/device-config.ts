import { isRecord } from "../../protocol/json.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { type Call, callServer, type Fields, type Target } from "../server/call.ts";

/** A feeder's settings as the server has them. */
export interface DeviceConfigAnswer {
  readonly deviceId: string;
  readonly version: number;
  readonly settings: Fields;
  readonly reported: Reported | undefined;
  /** What is in effect; undefined where the server does not know. */
  readonly applied: Fields | undefined;
  /** As it came. */
  readonly body: Fields;
}

export interface Reported {
  readonly status: string;
  readonly version: number;
  readonly latest: number;
  readonly reason: string | null;
  readonly detail: string | null;
}

export async function askConfig(
  target: Target,
  device: string,
  change: Pick<Call, "body" | "headers"> & { readonly method: Call["method"] } = { method: "GET" },
): Promise<Outcome<DeviceConfigAnswer>> {
  const path = `v1/devices/${encodeURIComponent(device)}/config`;
  const answer = await callServer(target, { ...change, path });
  if (answer.kind === "failed") return answer;
  const { body } = answer.value;
  const { deviceId, version, settings, reported, applied } = body;
  if (typeof deviceId !== "string" || typeof version !== "number" || !isRecord(settings)) {
    const message = "the server does not answer with settings";
    return failed("unexpected_answer", message, "check --server", EXIT.failed);
  }
  return done({
    ...{ deviceId, version, settings, body },
    reported: isRecord(reported) ? (reported as unknown as Reported) : undefined,
    applied: isRecord(applied) ? applied : undefined,
  });
}

/** Where it stands, in a line. */
export function standing({ version, reported }: DeviceConfigAnswer): string {
  if (reported === undefined) return "the feeder has not said yet what it obeys";
  const { status, latest, reason, detail } = reported;
  const inEffect = `version ${reported.version} is in effect`;
  if (latest < version) return `${inEffect}; the feeder has not heard of version ${version}`;
  const why = [reason, detail].filter((part) => part !== null).join(", ");
  if (status === "applied") return inEffect;
  if (status === "trial") return `version ${latest} is on trial`;
  return `${inEffect}; version ${latest} was ${status.replace("_", " ")}: ${why}`;
}
