import * as v from "valibot";
import { COUNT, TEXT, TS } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { bytes, json } from "../openapi/operation.ts";

const ROOMS = v.array(v.object({ deviceId: TEXT, clients: COUNT }));

export const METRICS_OPERATIONS: Operations = {
  "GET /rooms": {
    summary: "Who is in which room, for tools of the first stack",
    answers: { 200: json("Rooms that somebody is in.", v.object({ rooms: ROOMS })) },
  },
  "GET /v1/metrics": {
    summary: "The counters of the relay, for tools of the first stack",
    answers: {
      200: json(
        "Since the start.",
        v.object({ rooms: ROOMS, totalClients: COUNT, messageCount: COUNT, ts: TS }),
      ),
    },
  },
  "GET /metrics": {
    summary: "Everything that is counted, for Prometheus",
    answers: { 200: bytes("In its text format.", "text/plain") },
  },
};
