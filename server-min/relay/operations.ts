import * as v from "valibot";
import { DEVICE_ID } from "../field-schemas.ts";
import { SECONDS, TEXT, TS, URL_TEXT } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json, jsonBody } from "../openapi/operation.ts";
import { VIEWER_BODY } from "./routes.ts";

const VIEWER = v.object({
  token: TEXT,
  signal_ws: URL_TEXT,
  rooms: v.array(TEXT),
  expiresIn: SECONDS,
});
const EVENT = v.objectWithRest(
  { type: TEXT, deviceId: DEVICE_ID, ts: TS, eventId: TEXT },
  v.unknown(),
);

export const RELAY_OPERATIONS: Operations = {
  "POST /v1/viewer-token": {
    summary: "A token with which a page watches rooms; all of them when none is named",
    body: jsonBody(VIEWER_BODY, { isRequired: false }),
    answers: { 200: json("Where it connects.", VIEWER) },
  },
  "GET /v1/events": {
    summary: "Recent events of the rooms, for whoever lost its connection",
    query: v.object({
      after: v.optional(v.pipe(TEXT, v.description("The last eventId it has."))),
      limit: v.optional(v.pipe(TEXT, v.regex(/^[1-9]\d{0,8}$/))),
      deviceId: v.optional(DEVICE_ID),
    }),
    answers: {
      200: json("Oldest first.", v.object({ events: v.array(EVENT), complete: v.boolean() })),
    },
  },
};
