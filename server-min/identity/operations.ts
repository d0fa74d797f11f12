import * as v from "valibot";
import { DEVICE_ID } from "../field-schemas.ts";
import { COUNT, orNull, SECONDS, TEXT, TS } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json, jsonBody, nothing } from "../openapi/operation.ts";
import { KEY_BODY } from "./api-key-routes.ts";
import { ENROLMENT_BODY, POLL_BODY } from "./enrolment-routes.ts";
import { LOGIN_BODY } from "./session-routes.ts";

const TOKEN = v.object({ token: TEXT, expiresIn: SECONDS });
const OF_DEVICE = v.object({ deviceId: DEVICE_ID });

const PRINCIPAL = v.variant("kind", [
  v.object({ kind: v.literal("anyone") }),
  v.object({ kind: v.literal("operator"), name: TEXT }),
  v.object({ kind: v.literal("device"), deviceId: DEVICE_ID }),
  v.object({ kind: v.literal("viewer"), rooms: v.array(TEXT) }),
]);

const ENROLMENT = v.object({
  deviceId: DEVICE_ID,
  claimCode: TEXT,
  address: TEXT,
  requestedTs: TS,
  expiresTs: TS,
});

const AUDIT_ENTRY = v.object({
  id: COUNT,
  ts: TS,
  who: TEXT,
  action: TEXT,
  target: TEXT,
  before: v.unknown(),
  after: v.unknown(),
});

const CREDENTIALS: Operations = {
  "POST /v1/session": {
    summary: "Logs the operator in with a cookie",
    isOpen: true,
    body: jsonBody(LOGIN_BODY),
    answers: { 204: nothing("Logged in.") },
  },
  "GET /v1/session": {
    summary: "Who is asking",
    isOpen: true,
    answers: { 200: json("As was proven.", PRINCIPAL) },
  },
  "DELETE /v1/session": {
    summary: "Logs the operator out",
    answers: { 204: nothing("Logged out.") },
  },
  "GET /v1/api-keys": {
    summary: "The keys of the operator's programs, without the keys themselves",
    answers: {
      200: json(
        "All that were made.",
        v.object({
          keys: v.array(v.object({ id: TEXT, name: TEXT, createdTs: TS, revokedTs: orNull(TS) })),
        }),
      ),
    },
  },
  "POST /v1/api-keys": {
    summary: "Makes a key",
    body: jsonBody(KEY_BODY),
    answers: { 201: json("Told only now.", v.object({ id: TEXT, name: TEXT, key: TEXT })) },
  },
  "DELETE /v1/api-keys/:id": {
    summary: "Revokes a key",
    answers: { 204: nothing("Nobody comes in with it any more.") },
  },
};

const ENROLMENTS: Operations = {
  "POST /v1/enrolment": {
    summary: "A device asks to be let in (RFC 8628)",
    isOpen: true,
    body: jsonBody(ENROLMENT_BODY),
    answers: {
      200: json(
        "What it shows, and what it polls with.",
        v.object({
          deviceCode: TEXT,
          claimCode: TEXT,
          expiresIn: SECONDS,
          interval: SECONDS,
        }),
      ),
    },
  },
  "POST /v1/enrolment/token": {
    summary: "A device fetches its token once it was approved",
    isOpen: true,
    body: jsonBody(POLL_BODY),
    answers: { 200: json("Approved.", TOKEN) },
  },
  "POST /v1/device-token": {
    summary: "A device renews its token",
    answers: { 200: json("The next one.", TOKEN) },
  },
  "GET /v1/enrolments": {
    summary: "The devices that wait to be let in",
    answers: { 200: json("Undecided.", v.object({ enrolments: v.array(ENROLMENT) })) },
  },
  "POST /v1/enrolments/:claimCode/approve": {
    summary: "Lets a device in",
    answers: { 200: json("It may.", OF_DEVICE) },
  },
  "POST /v1/enrolments/:claimCode/deny": {
    summary: "Keeps a device out",
    answers: { 200: json("It may not.", OF_DEVICE) },
  },
  "POST /v1/devices/:deviceId/token": {
    summary: "A token for a device that is set up by hand",
    answers: { 201: json("Told only now.", TOKEN) },
  },
  "DELETE /v1/devices/:deviceId/token": {
    summary: "Revokes all tokens of a device",
    answers: { 204: nothing("It has to enrol again.") },
  },
};

export const IDENTITY_OPERATIONS: Operations = {
  ...CREDENTIALS,
  ...ENROLMENTS,
  "GET /v1/audit": {
    summary: "What operators did",
    query: v.object({
      limit: v.optional(v.pipe(TEXT, v.regex(/^\d{1,4}$/))),
      before: v.optional(
        v.pipe(TEXT, v.regex(/^\d{1,15}$/), v.description("`next` of the answer before.")),
      ),
    }),
    answers: {
      200: json(
        "Newest first.",
        v.object({ entries: v.array(AUDIT_ENTRY), next: v.optional(TEXT) }),
      ),
    },
  },
};
