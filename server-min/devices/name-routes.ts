import { Hono } from "hono";
import * as v from "valibot";
import { FEEDER_NAME_BYTES_MAX, isFeederName } from "../../protocol/feeder-name.ts";
import { isDeviceId } from "../../protocol/ids.ts";
import type { Audit } from "../identity/audit.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { followNames, giveName } from "./device-names.ts";

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
  audit: Audit,
): Hono {
  followNames(ports);
  return new Hono().put("/v1/devices/:deviceId/name", async (c) => {
    const deviceId = c.req.param("deviceId");
    if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
    const body = await readJson(c.req.raw, NAME_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const named = await giveName(ports.sql, deviceId, body.value.name);
    if (named === undefined) return problemAnswer(refused("not_found"));
    await audit.did(c, {
      ...{ action: "name_device", target: deviceId },
      ...{ before: { name: named.given }, after: body.value },
    });
    return c.json({ deviceId, name: named.name });
  });
}
