import * as v from "valibot";
import { DEVICE_ID } from "../field-schemas.ts";
import { COUNT, TS } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json, jsonBody } from "../openapi/operation.ts";
import { FAULT_BODY, VISIT_BODY } from "./routes.ts";

const PROFILE = v.object({
  deviceId: DEVICE_ID,
  failPutRate: v.number(),
  httpCode: COUNT,
  untilTs: TS,
});
const REMOVED = v.object({ deviceId: DEVICE_ID, disabled: v.literal(true) });

export const TEST_OPERATIONS: Operations = {
  "GET /v1/test/faults": {
    summary: "Whose uploads fail on purpose; only on a server that strangers do not reach",
    answers: { 200: json("Those in force.", v.object({ faults: v.array(PROFILE) })) },
  },
  "POST /v1/test/faults": {
    summary: "Lets a device's uploads fail for a while, or no longer",
    body: jsonBody(FAULT_BODY),
    answers: { 200: json("In force, or removed.", v.union([PROFILE, REMOVED])) },
  },
  "POST /v1/test/visits": {
    summary: "A bird comes to a simulated feeder",
    body: jsonBody(VISIT_BODY),
    answers: { 202: json("It lands.", v.object({ deviceId: DEVICE_ID })) },
  },
};
