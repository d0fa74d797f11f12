import * as v from "valibot";
import { DEVICE_ID } from "../field-schemas.ts";
import { COUNT, orNull, TEXT, TS } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json } from "../openapi/operation.ts";

const DEVICE = v.object({
  deviceId: DEVICE_ID,
  online: v.boolean(),
  lastSeenTs: TS,
  photosToday: COUNT,
  lastPhoto: orNull(v.object({ key: TEXT, ts: TS })),
  simulated: v.boolean(),
});

export const DEVICE_OPERATIONS: Operations = {
  "GET /v1/devices": {
    summary: "The devices that the asker may see",
    answers: { 200: json("By id.", v.object({ devices: v.array(DEVICE) })) },
  },
};
