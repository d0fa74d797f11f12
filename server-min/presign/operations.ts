import * as v from "valibot";
import { PRESIGN_KINDS } from "../compat/presign-kinds.ts";
import { DEVICE_ID } from "../field-schemas.ts";
import { SECONDS, TEXT, URL_TEXT } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json, jsonBody } from "../openapi/operation.ts";
import { PRESIGN_BODY } from "./capture-plan.ts";

const GRANT = v.object({
  uploadUrl: URL_TEXT,
  method: v.literal("PUT"),
  headers: v.pipe(v.record(TEXT, TEXT), v.description("To be sent as they are.")),
  key: TEXT,
  expiresIn: SECONDS,
});

export const PRESIGN_OPERATIONS: Operations = {
  "POST /v1/presign/put": {
    summary: "Permission to upload one photo or clip",
    body: jsonBody(PRESIGN_BODY),
    answers: { 200: json("Where it goes.", GRANT) },
  },
  "GET /v1/presign/get": {
    summary: "Where to download an object, for clients of the first stack",
    query: v.object({
      deviceId: DEVICE_ID,
      kind: v.optional(v.picklist(PRESIGN_KINDS)),
      objectKey: TEXT,
    }),
    answers: {
      200: json("Where it is.", v.object({ url: URL_TEXT, key: TEXT, expiresIn: SECONDS })),
    },
  },
};
