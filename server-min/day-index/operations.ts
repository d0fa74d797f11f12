import * as v from "valibot";
import { DEVICE_ID, SHA256_HEX } from "../field-schemas.ts";
import { COUNT, DATE, TEXT, TS } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json } from "../openapi/operation.ts";
import { PAGE_QUERY } from "../page-query.ts";

const DAY = v.object({ date: DATE, count: COUNT });

const DAY_INDEX = v.object({
  deviceId: DEVICE_ID,
  date: DATE,
  generatedTs: TS,
  updatedTs: TS,
  events: v.array(
    v.object({
      ...{ id: TEXT, ts: TS, key: TEXT, kind: TEXT, bytes: COUNT, sha256: SHA256_HEX },
      saved: v.boolean(),
    }),
  ),
});

export const DAY_INDEX_OPERATIONS: Operations = {
  "GET /v1/index/:deviceId/:date": {
    summary: "The photos and clips of a day in UTC, oldest first",
    query: PAGE_QUERY,
    answers: {
      200: json(
        "Empty for a day without any; up to 5,000.",
        v.object({ ...DAY_INDEX.entries, next: v.optional(TEXT) }),
      ),
    },
  },
  "GET /v1/days/:deviceId": {
    summary: "The days that have photos or clips",
    answers: { 200: json("Newest first.", v.object({ deviceId: DEVICE_ID, days: v.array(DAY) })) },
  },
};
