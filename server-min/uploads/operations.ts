import * as v from "valibot";
import { SHA256_HEX } from "../field-schemas.ts";
import { COUNT, TEXT } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { bytesBody, json } from "../openapi/operation.ts";

export const UPLOAD_OPERATIONS: Operations = {
  "PUT /fput/:token": {
    summary: "The bytes of one presigned object; its token is in the path and in Authorization",
    isOpen: true,
    body: bytesBody("image/jpeg"),
    answers: {
      200: json(
        "Stored, or stored before.",
        v.object({ key: TEXT, bytes: COUNT, sha256: SHA256_HEX }),
      ),
    },
  },
};
