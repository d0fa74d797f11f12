import { Hono } from "hono";
import * as v from "valibot";
import { millisecondsOf } from "../compat/unix-time.ts";
import { DEVICE_ID } from "../field-schemas.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { FaultProfiles } from "./fault-profiles.ts";

export const FAULT_BODY = v.object({
  deviceId: DEVICE_ID,
  failPutRate: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
  httpCode: v.optional(v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)), 500),
  untilTs: v.optional(v.pipe(v.number(), v.minValue(0))),
});

export const VISIT_BODY = v.object({ deviceId: DEVICE_ID });

/** What a developer breaks or sets off on purpose; not mounted on a server that strangers reach. */
export function testRoutes(
  { simulation }: Pick<AppPorts, "simulation">,
  faults: FaultProfiles,
): Hono {
  return new Hono()
    .get("/v1/test/faults", (c) => c.json({ faults: faults.list() }))
    .post("/v1/test/faults", async (c) => {
      const body = await readJson(c.req.raw, FAULT_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const { deviceId, failPutRate, httpCode, untilTs } = body.value;
      if (untilTs === undefined) {
        faults.remove(deviceId);
        return c.json({ deviceId, disabled: true });
      }
      const profile = { deviceId, failPutRate, httpCode, untilTs: millisecondsOf(untilTs) };
      faults.set(profile);
      return c.json(profile);
    })
    .post("/v1/test/visits", async (c) => {
      const body = await readJson(c.req.raw, VISIT_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const { deviceId } = body.value;
      if (!simulation?.deviceIds().includes(deviceId)) {
        return problemAnswer(refused("not_found", "no simulated feeder of this id"));
      }
      simulation.visit(deviceId);
      return c.json({ deviceId }, 202);
    });
}
