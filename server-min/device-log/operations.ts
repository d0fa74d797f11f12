import * as v from "valibot";
import { DEVICE_ID } from "../field-schemas.ts";
import { COUNT, TEXT } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json, jsonBody } from "../openapi/operation.ts";
import { LOG_BODY } from "./routes.ts";

export const DEVICE_LOG_OPERATIONS: Operations = {
  "POST /v1/devices/:deviceId/log": {
    summary: "Has a device send its log into its room for some minutes, as event.log",
    body: jsonBody(LOG_BODY),
    answers: {
      202: json(
        "The device was told.",
        v.object({ deviceId: DEVICE_ID, level: TEXT, minutes: COUNT }),
      ),
    },
  },
};
