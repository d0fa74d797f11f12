import * as v from "valibot";
import { CHANNELS, CHIPS } from "../../protocol/update-manifest.ts";
import { SHA256_HEX } from "../field-schemas.ts";
import { COUNT, orNull, TEXT, TIME } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { bytes, bytesBody, json, jsonBody } from "../openapi/operation.ts";
import { BLOCK_BODY, PUBLISH_QUERY } from "./release-routes.ts";

const RELEASE = v.object({
  version: TEXT,
  product: TEXT,
  board: TEXT,
  chip: v.picklist(CHIPS),
  channel: v.picklist(CHANNELS),
  size: COUNT,
  sha256: SHA256_HEX,
  elfSha256: SHA256_HEX,
  minimumVersion: TEXT,
  notes: TEXT,
  published: TIME,
  sequence: COUNT,
  issued: TIME,
  expires: TIME,
  kid: TEXT,
  blocked: orNull(v.object({ at: TIME, reason: orNull(TEXT) })),
});

export const RELEASE_OPERATIONS: Operations = {
  "POST /v1/releases": {
    summary: "Publishes an image",
    query: PUBLISH_QUERY,
    body: bytesBody("application/octet-stream"),
    answers: {
      200: json("It was published before.", RELEASE),
      201: json("It is on offer.", RELEASE),
    },
  },
  "GET /v1/releases": {
    summary: "All releases",
    answers: { 200: json("Newest first.", v.object({ releases: v.array(RELEASE) })) },
  },
  "GET /v1/releases/:version": {
    summary: "One release",
    answers: { 200: json("As last signed.", RELEASE) },
  },
  "GET /v1/releases/:version/image": {
    summary: "A release's image for an operator, who flashes it over a cable; Range is honoured",
    answers: {
      200: bytes("All of it.", "application/octet-stream"),
      206: bytes("The part asked for.", "application/octet-stream"),
    },
  },
  "POST /v1/releases/:version/block": {
    summary: "Takes a release back: nobody is offered it any more",
    body: jsonBody(BLOCK_BODY, { isRequired: false }),
    answers: { 200: json("Blocked.", RELEASE) },
  },
  "POST /v1/releases/:version/resign": {
    summary: "Signs a release anew with a higher sequence: it is offered also over newer ones",
    answers: { 200: json("Signed.", RELEASE) },
  },
};
