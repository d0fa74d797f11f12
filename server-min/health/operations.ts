import * as v from "valibot";
import type { Operations } from "../openapi/operation.ts";
import { json } from "../openapi/operation.ts";

const ALIVE = {
  summary: "Whether this process answers",
  isOpen: true,
  answers: { 200: json("It does.", v.object({ status: v.literal("ok") })) },
};

export const HEALTH_OPERATIONS: Operations = {
  "GET /healthz": ALIVE,
  "GET /health": ALIVE,
  "GET /readyz": {
    summary: "Whether everything that the server needs answers; else the problem not_ready",
    isOpen: true,
    answers: { 200: json("All of it does.", v.object({ status: v.literal("ready") })) },
  },
};
