import * as v from "valibot";
import { DEVICE_ID } from "../field-schemas.ts";
import { COUNT, TEXT, TIME, URL_TEXT } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json } from "../openapi/operation.ts";

const DISCOVERY = v.object({
  deviceId: DEVICE_ID,
  time: TIME,
  api_base: URL_TEXT,
  presign_base: URL_TEXT,
  ota_base: URL_TEXT,
  signal_ws: v.pipe(URL_TEXT, v.description("The device's room, with its token.")),
  fw_version: TEXT,
  step: TEXT,
  video: v.object({
    thumb_base: URL_TEXT,
    clip_base: URL_TEXT,
    retention: v.object({ clips_days: COUNT, photos_days: COUNT }),
  }),
  cap: v.array(TEXT),
  services: v.array(TEXT),
});

export const DISCOVERY_OPERATIONS: Operations = {
  "GET /v1/discovery/:deviceId": {
    summary: "Everything a feeder must know to work with this server",
    answers: { 200: json("For this device.", DISCOVERY) },
  },
};
