import { Hono } from "hono";
import * as v from "valibot";
import { FEEDER_NAME_BYTES_MAX, isFeederName } from "../../protocol/feeder-name.ts";
import type { Fleet } from "../identity/fleet.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer } from "../problem-answer.ts";
import { followNames } from "./device-names.ts";

const NAME = v.pipe(
  v.string(),
  v.check(isFeederName, "1 to 32 bytes without control characters"),
  v.minLength(1),
  v.maxLength(FEEDER_NAME_BYTES_MAX),
);

export const NAME_BODY = v.object({
  name: v.nullable(NAME),
});

/** What people call a device. */
export function nameRoutes(
  ports: Pick<AppPorts, "sql" | "rooms" | "background">,
  fleet: Fleet,
): Hono {
  followNames(ports);
  return new Hono().put("/v1/devices/:deviceId/name", async (c) => {
    const deviceId = c.req.param("deviceId");
    const body = await readJson(c.req.raw, NAME_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const named = await fleet.name(c, deviceId, body.value.name);
    return "code" in named ? problemAnswer(named) : c.json({ deviceId, ...named });
  });
}
