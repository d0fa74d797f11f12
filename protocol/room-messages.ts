/**
 * What travels through a device's room, over the WebSocket relay. Every relayed message carries `deviceId` and `ts`
 * (milliseconds since the epoch); unknown types pass through untouched.
 */
import { type ConfigCommand, type ConfigReport, parseConfigCommand } from "./config-messages.ts";
import { isRecord, parseRecord } from "./json.ts";
import { type LogCommand, type LogPayload, parseLogCommand } from "./log-messages.ts";
import {
  parseUpdateCommand,
  type UpdateCommand,
  type UpdateEventPayload,
} from "./update-messages.ts";
import type { SafeModeReason } from "./update-reasons.ts";

/** In the order a photo goes through them; gallery_ack is the server's, the others are the feeder's. */
export type UploadStage =
  | "queued"
  | "uploading"
  | "retry_scheduled"
  | "success"
  | "parked"
  | "dropped"
  | "gallery_ack";

/** Why an upload attempt failed or a photo was given up. Stable. */
export type UploadFailure =
  | "timeout"
  | "connection"
  | "body_broken"
  | "answer_too_large"
  | "bad_url"
  | "presign_refused"
  | "presign_unreadable"
  | "put_refused"
  | "queue_full";

/** Why a shot of a visit is missing. Stable. */
export type CaptureFailure =
  | "camera_unreachable"
  | "camera_silent"
  | "still_failed"
  | "still_corrupt"
  | "clip_failed"
  | "spool_full";

/** The snake_case fields are the first stack's names for them; its tools read these. */
export interface UploadStatusPayload {
  readonly status: UploadStage;
  readonly captureId: string;
  /** Only of a clip. */
  readonly kind?: "clips";
  /** 1 for the first try. */
  readonly attempt: number;
  readonly key?: string;
  readonly bytes?: number;
  readonly reason?: UploadFailure;
  readonly httpStatus?: number;
  readonly next_retry_sec?: number;
  readonly latency_ms?: number;
}

export interface VisitPayload {
  readonly captureId: string;
  readonly trigger: "pir" | "weight";
  readonly weight_g?: number;
}

export interface CapturePayload {
  readonly captureId: string;
  /** Only of a clip. */
  readonly kind?: "clips";
  readonly ok: boolean;
  readonly bytes?: number;
  readonly reason?: CaptureFailure;
  /** From the moment it was due (the first still: the visit) to the still in the spool, or the clip in the camera. */
  readonly latency_ms: number;
}

export interface HeartbeatPayload {
  readonly version: string;
  readonly bootCount: number;
  readonly uptime_s: number;
  readonly queue: { readonly count: number; readonly bytes: number; readonly dropped: number };
  readonly eventsDropped: number;
  readonly elfSha256: string;
  /** 0 or 1: which of the two app slots runs. */
  readonly slot: number;
  /** Where an update stands. */
  readonly update: UpdateEventPayload["status"] | "idle";
  readonly config: ConfigReport;
  /** What it was called when it was set up; in the first of each boot. */
  readonly name?: string;
  readonly safeMode?: SafeModeReason;
  /** Why it is on the relay and not on the broker that its settings want. */
  readonly mqttFallback?: MqttFallback;
}

/** Stable. */
export type MqttFallback = "no_mqtt_url" | "mqtt_unreachable";

/** What the server stored; the page shows it without asking again. */
export interface PhotoPayload {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Milliseconds since the epoch of the capture. */
  readonly capturedTs: number;
}

export type FeederEvent =
  | { readonly type: "event.upload_status"; readonly payload: UploadStatusPayload }
  | { readonly type: "event.visit"; readonly payload: VisitPayload }
  | { readonly type: "event.capture"; readonly payload: CapturePayload }
  | { readonly type: "event.heartbeat"; readonly payload: HeartbeatPayload }
  | { readonly type: "event.ota"; readonly payload: UpdateEventPayload }
  | { readonly type: "event.config"; readonly payload: ConfigReport }
  | { readonly type: "event.log"; readonly payload: LogPayload };

/**
 * A feeder numbers its events from 1 in each boot and keeps them until the server acknowledges, so a lost connection
 * loses none; the server drops a number it has seen. Without `ts` (no clock yet) the server stamps.
 */
export type SequencedEvent = FeederEvent & {
  readonly bootId: string;
  readonly seq: number;
  readonly ts?: number;
};

export type ServerMessage =
  | { readonly type: "system"; readonly message: "connected"; readonly ts: number }
  | { readonly type: "ack"; readonly bootId: string; readonly seq: number; readonly ts: number }
  | { readonly type: "cmd.ota"; readonly command: UpdateCommand }
  | { readonly type: "cmd.config"; readonly command: ConfigCommand }
  | { readonly type: "cmd.log"; readonly command: LogCommand }
  | { readonly type: "other" };

/** The feeder's view of a message from the server; undefined for what is no message at all. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const message = parseRecord(text);
  return message && readServerMessage(message);
}

export function readServerMessage(message: Record<string, unknown>): ServerMessage | undefined {
  const { type, ts } = message;
  if (typeof type !== "string") return undefined;
  if (type === "system" && message.message === "connected" && typeof ts === "number") {
    return { type, message: "connected", ts };
  }
  const { bootId, seq } = message;
  if (
    type === "ack" &&
    typeof bootId === "string" &&
    typeof seq === "number" &&
    typeof ts === "number"
  ) {
    return { type, bootId, seq, ts };
  }
  if (type === "cmd.config") {
    const command = parseConfigCommand(message.payload);
    return command === undefined ? { type: "other" } : { type, command };
  }
  if (type === "cmd.log") {
    const command = parseLogCommand(message.payload);
    return command === undefined ? { type: "other" } : { type, command };
  }
  const command = type === "cmd.ota" ? parseUpdateCommand(message.payload) : undefined;
  return command === undefined ? { type: "other" } : { type: "cmd.ota", command };
}

/** The server's view: does this message ask to be acknowledged? */
export function sequenceOf(
  message: Record<string, unknown>,
): { readonly bootId: string; readonly seq: number } | undefined {
  const { bootId, seq } = message;
  if (typeof bootId !== "string" || bootId.length > 32) return undefined;
  return Number.isSafeInteger(seq) && (seq as number) > 0
    ? { bootId, seq: seq as number }
    : undefined;
}

/** The key of an upload that a feeder reports as done. */
export function uploadedKey(message: Record<string, unknown>): string | undefined {
  if (message.type !== "event.upload_status" || !isRecord(message.payload)) return undefined;
  const { status, key } = message.payload;
  return status === "success" && typeof key === "string" ? key : undefined;
}
