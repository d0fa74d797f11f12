import * as v from "valibot";
import { DEVICE_ID } from "../field-schemas.ts";
import { COUNT, orNull, TEXT, TS } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json, jsonBody } from "../openapi/operation.ts";
import { PAGE_QUERY } from "../page-query.ts";
import { NAME_BODY } from "./name-routes.ts";

const DEVICE = v.object({
  deviceId: DEVICE_ID,
  name: orNull(TEXT),
  online: v.boolean(),
  lastSeenTs: TS,
  photosToday: COUNT,
  lastPhoto: orNull(v.object({ key: TEXT, ts: TS })),
  simulated: v.boolean(),
});

export const DEVICE_OPERATIONS: Operations = {
  "GET /v1/devices": {
    summary: "The devices that the asker may see",
    query: PAGE_QUERY,
    answers: {
      200: json(
        "By id, up to 1,000.",
        v.object({ devices: v.array(DEVICE), next: v.optional(TEXT) }),
      ),
    },
  },
  "PUT /v1/devices/:deviceId/name": {
    summary: "Gives a device a name; null takes it back to what it was called when it was set up",
    body: jsonBody(NAME_BODY),
    answers: {
      200: json("What it is called now.", v.object({ deviceId: DEVICE_ID, name: orNull(TEXT) })),
    },
  },
};
