import * as v from "valibot";
import { TEXT } from "../openapi/answer-schemas.ts";
import type { Operations } from "../openapi/operation.ts";
import { json } from "../openapi/operation.ts";

const SAVED = json("How it is kept now.", v.object({ key: TEXT, saved: v.boolean() }));
const PATH = "/v1/objects/:kind/:deviceId/:fileName/saved";

export const KEEPING_OPERATIONS: Operations = {
  [`PUT ${PATH}`]: { summary: "Keep a photo or clip for ever", answers: { 200: SAVED } },
  [`DELETE ${PATH}`]: {
    summary: "Keep it as long as everything else",
    answers: { 200: SAVED },
  },
};
