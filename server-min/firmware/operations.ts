import * as v from "valibot";
import { DEVICE_ID, SHA256_HEX } from "../field-schemas.ts";
import { COUNT, orNull, SECONDS, TEXT, TIME, TS, URL_TEXT } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { bytes, json, jsonBody } from "../openapi/operation.ts";
import { PAGE_QUERY } from "../page-query.ts";
import { COMMAND_BODY } from "./command-routes.ts";
import { CHECK_BODY, HEARTBEAT_BODY, LEDGER, REPORT_BODY } from "./device-messages.ts";

export const MANIFEST = v.object({
  jws: v.pipe(TEXT, v.description("Compact JWS, ES256: all that a feeder trusts.")),
  url: URL_TEXT,
  size: COUNT,
  sha256: SHA256_HEX,
  version: TEXT,
});

const CHECK_ANSWER = v.object({
  update_available: v.boolean(),
  manifest: v.optional(MANIFEST),
  nextCheckSeconds: v.optional(SECONDS),
  time: TIME,
});

const HEARTBEAT_ANSWER = v.object({
  rollback: v.boolean(),
  ackTs: TS,
  time: TIME,
  nonce: v.optional(TEXT),
  configVersion: orNull(COUNT),
  update: v.optional(MANIFEST),
});

const FIRMWARE = v.object({
  deviceId: DEVICE_ID,
  version: orNull(TEXT),
  slot: orNull(v.union([v.number(), TEXT])),
  bootCount: orNull(COUNT),
  status: orNull(TEXT),
  updatedTs: TS,
  elfSha256: orNull(SHA256_HEX),
  board: orNull(TEXT),
  chip: orNull(TEXT),
  channel: orNull(TEXT),
  sequence: orNull(COUNT),
  ledger: LEDGER,
  slotBytes: orNull(COUNT),
  confirmed: v.boolean(),
  reason: orNull(TEXT),
  updateVersion: orNull(TEXT),
  safeMode: orNull(TEXT),
  lastCheckTs: orNull(TS),
  targetVersion: orNull(TEXT),
});

const ENTRY = { id: COUNT, ts: TS, deviceId: orNull(DEVICE_ID), version: TEXT };
const LOG = v.object({
  entries: v.array(
    v.union([
      v.object({
        ...ENTRY,
        kind: v.literal("download"),
        httpStatus: orNull(COUNT),
        firstByte: orNull(COUNT),
        lastByte: orNull(COUNT),
      }),
      v.object({
        ...ENTRY,
        kind: v.literal("report"),
        reportId: orNull(TEXT),
        elfSha256: orNull(TEXT),
        sequence: orNull(COUNT),
        status: orNull(TEXT),
        error: orNull(TEXT),
      }),
    ]),
  ),
});

const IMAGE = {
  summary: "A release's image; Range is honoured, the token comes with the manifest",
  isOpen: true,
  query: v.object({ token: v.optional(TEXT) }),
  answers: {
    200: bytes("All of it.", "application/octet-stream"),
    206: bytes("The part asked for.", "application/octet-stream"),
  },
};

export const FIRMWARE_OPERATIONS: Operations = {
  "POST /api/v1/check-update": {
    summary: "What a device should run",
    body: jsonBody(CHECK_BODY),
    answers: { 200: json("An update, or none.", CHECK_ANSWER) },
  },
  "POST /v1/ota/heartbeat": {
    summary: "A device's sign of life, with the nonce of its health gate",
    body: jsonBody(HEARTBEAT_BODY),
    answers: { 200: json("What it is to do.", HEARTBEAT_ANSWER) },
  },
  "POST /api/v1/report-status": {
    summary: "What became of an update; told again until it is answered",
    body: jsonBody(REPORT_BODY),
    answers: { 200: json("Noted.", v.object({ ok: v.literal(true) })) },
  },
  "GET /v1/ota/status": {
    summary: "What every device runs",
    query: PAGE_QUERY,
    answers: {
      200: json("By id; all without `limit`, else `Link` leads to the next.", v.array(FIRMWARE)),
    },
  },
  "GET /v1/ota/log": {
    summary: "Downloads and reports",
    query: v.object({
      deviceId: v.optional(DEVICE_ID),
      limit: v.optional(v.pipe(TEXT, v.regex(/^\d{1,4}$/))),
    }),
    answers: { 200: json("Newest first.", LOG) },
  },
  "GET /firmware/:version/image.bin": IMAGE,
  "GET /fw/:version/:file{.+\\.bin}": IMAGE,
  "GET /firmware/:version/manifest": {
    summary: "A release's manifest, with permission to download its first kilobytes",
    answers: { 200: json("As last signed.", MANIFEST) },
  },
  "POST /v1/ota/command": {
    summary: "Tells a device to update, go back, restart or enter safe mode",
    body: jsonBody(COMMAND_BODY),
    answers: {
      202: json(
        "Sent now, or kept for its next check.",
        v.object({ deviceId: DEVICE_ID, delivered: v.boolean() }),
      ),
    },
  },
};
