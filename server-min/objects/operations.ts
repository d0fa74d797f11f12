import type { Operations } from "../openapi/operation.ts";
import { bytes, nothing } from "../openapi/operation.ts";

export const OBJECT_OPERATIONS: Operations = {
  "GET /v1/objects/:key{.+}": {
    summary: "A photo or clip; Range, If-Range and If-None-Match are honoured",
    answers: {
      200: bytes("All of it.", "image/jpeg"),
      206: bytes("The part asked for.", "image/jpeg"),
      304: nothing("The client has it already."),
    },
  },
};
