import * as v from "valibot";
import { deviceConfigSchema } from "../../protocol/device-config-schema.ts";
import { DEVICE_ID } from "../field-schemas.ts";
import { COUNT, orNull, TEXT, TS } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json, jsonBody } from "../openapi/operation.ts";

const { $schema: _, $id: __, title: ___, ...described } = deviceConfigSchema();

/** Described here; the routes check it by protocol's own rules. */
const SETTINGS = v.pipe(v.unknown(), v.metadata(described));
const CHANGES = v.pipe(
  v.record(TEXT, v.unknown()),
  v.description("Settings as in PUT; null takes one back to its default (RFC 7396)."),
);

const CONFIG = v.object({
  deviceId: DEVICE_ID,
  version: v.pipe(COUNT, v.description("0: nothing was ever set.")),
  settings: v.pipe(v.record(TEXT, v.unknown()), v.description("As PUT takes them.")),
  changedTs: orNull(TS),
  reported: orNull(
    v.object({
      status: TEXT,
      version: v.pipe(COUNT, v.description("What is in effect.")),
      latest: v.pipe(COUNT, v.description("The newest that the device was told of.")),
      reason: orNull(TEXT),
      detail: orNull(TEXT),
      ts: TS,
    }),
  ),
  applied: orNull(
    v.pipe(v.record(TEXT, v.unknown()), v.description("The settings that are in effect.")),
  ),
});

const NEW = json("Kept, with its version as ETag; the device is told when it is there.", CONFIG);

export const DEVICE_CONFIG_OPERATIONS: Operations = {
  "GET /v1/devices/:deviceId/config": {
    summary: "The settings of a device: what is wanted, and where it stands; ETag is the version",
    answers: { 200: json("As wanted and as told.", CONFIG) },
  },
  "PUT /v1/devices/:deviceId/config": {
    summary: "Sets all settings of a device; If-Match keeps others' changes from being lost",
    body: jsonBody(SETTINGS),
    answers: { 200: NEW },
  },
  "PATCH /v1/devices/:deviceId/config": {
    summary: "Changes some settings of a device; If-Match as with PUT",
    body: jsonBody(CHANGES),
    answers: { 200: NEW },
  },
};
