import { DAY_INDEX_OPERATIONS } from "../day-index/operations.ts";
import { DEVICE_CONFIG_OPERATIONS } from "../device-config/operations.ts";
import { DEVICE_LOG_OPERATIONS } from "../device-log/operations.ts";
import { DEVICE_OPERATIONS } from "../devices/operations.ts";
import { DISCOVERY_OPERATIONS } from "../discovery/operations.ts";
import { FIRMWARE_OPERATIONS } from "../firmware/operations.ts";
import { RELEASE_OPERATIONS } from "../firmware/release-operations.ts";
import { HEALTH_OPERATIONS } from "../health/operations.ts";
import { IDENTITY_OPERATIONS } from "../identity/operations.ts";
import { KEEPING_OPERATIONS } from "../keeping/operations.ts";
import { METRICS_OPERATIONS } from "../metrics/operations.ts";
import { OBJECT_OPERATIONS } from "../objects/operations.ts";
import { PRESIGN_OPERATIONS } from "../presign/operations.ts";
import { RELAY_OPERATIONS } from "../relay/operations.ts";
import { TEST_OPERATIONS } from "../test-faults/operations.ts";
import { UPLOAD_OPERATIONS } from "../uploads/operations.ts";
import type { Operations } from "./operation.ts";
import { bytes } from "./operation.ts";

/** By what they are about, in the order of a photo and then of an update. */
export const OPERATIONS: Readonly<Record<string, Operations>> = {
  feeders: {
    ...DISCOVERY_OPERATIONS,
    ...DEVICE_OPERATIONS,
    ...DEVICE_CONFIG_OPERATIONS,
    ...DEVICE_LOG_OPERATIONS,
  },
  photos: {
    ...PRESIGN_OPERATIONS,
    ...UPLOAD_OPERATIONS,
    ...DAY_INDEX_OPERATIONS,
    ...OBJECT_OPERATIONS,
    ...KEEPING_OPERATIONS,
  },
  rooms: RELAY_OPERATIONS,
  firmware: { ...FIRMWARE_OPERATIONS, ...RELEASE_OPERATIONS },
  identity: IDENTITY_OPERATIONS,
  operation: {
    ...HEALTH_OPERATIONS,
    ...METRICS_OPERATIONS,
    "GET /openapi.json": {
      summary: "This document",
      isOpen: true,
      answers: { 200: bytes("OpenAPI 3.1.", "application/json") },
    },
    "GET /docs": {
      summary: "This document for people",
      isOpen: true,
      answers: { 200: bytes("One page that loads nothing.", "text/html") },
    },
  },
  development: TEST_OPERATIONS,
};
