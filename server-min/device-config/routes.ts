import type { Context } from "hono";
import { Hono } from "hono";
import * as v from "valibot";
import { checkSettings } from "../../protocol/check-settings.ts";
import type { DeviceSettings } from "../../protocol/device-config.ts";
import { isDeviceId } from "../../protocol/ids.ts";
import { parseRecord } from "../../protocol/json.ts";
import { isKnownDevice } from "../devices/device-rows.ts";
import type { Audit } from "../identity/audit.ts";
import { mayConfigure, mayOperate } from "../identity/principal.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import {
  addConfigVersion,
  configVersion,
  toldConfig,
  wantedConfig,
} from "../storage/device-config.ts";
import { ConfigDelivery } from "./config-delivery.ts";

type Fields = Readonly<Record<string, unknown>>;
type Ports = Pick<AppPorts, "sql" | "rooms" | "clock" | "background">;

const BODY = v.record(v.string(), v.unknown());

/** What operators want of a device's settings, and where it stands. */
export function deviceConfigRoutes(ports: Ports, audit: Audit): Hono {
  const delivery = new ConfigDelivery(ports);

  async function change(c: Context, next: (before: Fields, body: Fields) => Fields) {
    const deviceId = c.req.param("deviceId") ?? "";
    const refusal = mayOperate(c.get("principal")) ?? (await unknownDevice(ports, deviceId));
    if (refusal !== undefined) return problemAnswer(refusal);
    const body = await readJson(c.req.raw, BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const before = await wantedConfig(ports.sql, deviceId);
    const version = before?.version ?? 0;
    const isExpected = (c.req.header("If-Match") ?? "*") === "*" || isTag(c, version);
    if (!isExpected) return problemAnswer(refused("config_changed", `it is version ${version}`));
    const wanted = next(settingsOf(before?.settings), body.value);
    const made = await makeVersion(ports, deviceId, version, wanted);
    if ("code" in made) return problemAnswer(made);
    const { settings } = made;
    await audit.did(c, {
      ...{ action: "configure_device", target: deviceId, after: made },
      before: { version, settings: settingsOf(before?.settings) },
    });
    delivery.send(deviceId, { version: made.version, settings });
    return answer(ports, c, deviceId);
  }

  return new Hono()
    .get("/v1/devices/:deviceId/config", async (c) => {
      const deviceId = c.req.param("deviceId");
      const refusal =
        mayConfigure(c.get("principal"), deviceId) ?? (await unknownDevice(ports, deviceId));
      return refusal === undefined ? answer(ports, c, deviceId) : problemAnswer(refusal);
    })
    .put("/v1/devices/:deviceId/config", (c) => change(c, (_, body) => body))
    .patch("/v1/devices/:deviceId/config", (c) => change(c, merge));
}

/** RFC 7396, where no setting is an object. */
function merge(before: Fields, changes: Fields): Fields {
  const merged = Object.entries({ ...before, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}

async function unknownDevice(
  { sql, rooms }: Pick<Ports, "sql" | "rooms">,
  deviceId: string,
): Promise<Refusal | undefined> {
  if (!isDeviceId(deviceId)) return refused("invalid_device_id");
  const isKnown = rooms.hasFeeder(deviceId) || (await isKnownDevice(sql, deviceId));
  return isKnown ? undefined : refused("not_found", "no such device");
}

/** Higher than any that the device was told of: the database may be older than the device's memory. */
async function makeVersion(
  { sql, clock }: Pick<Ports, "sql" | "clock">,
  deviceId: string,
  before: number,
  wanted: Fields,
): Promise<{ readonly version: number; readonly settings: DeviceSettings } | Refusal> {
  const checked = checkSettings(wanted);
  if (checked.kind === "wrong") {
    const mistakes = checked.mistakes.map(({ setting, message }) => `${setting}: ${message}`);
    return refused("invalid_settings", mistakes.join("; "));
  }
  const { settings } = checked;
  const told = await toldConfig(sql, deviceId);
  const version = Math.max(before, told?.latest ?? 0) + 1;
  const isMade = await addConfigVersion(sql, {
    ...{ device_id: deviceId, version, settings: JSON.stringify(settings) },
    made_at_ms: clock.nowMs(),
  });
  return isMade ? { version, settings } : refused("config_changed", "somebody else was first");
}

async function answer(
  { sql }: Pick<Ports, "sql">,
  c: Context,
  deviceId: string,
): Promise<Response> {
  const wanted = await wantedConfig(sql, deviceId);
  const told = await toldConfig(sql, deviceId);
  const version = wanted?.version ?? 0;
  c.header("ETag", tagOf(version));
  return c.json({
    deviceId,
    version,
    settings: settingsOf(wanted?.settings),
    changedTs: wanted?.made_at_ms ?? null,
    reported: told === undefined ? null : reportedOf(told),
    applied: told === undefined ? null : await appliedBy(sql, told),
  });
}

function reportedOf(told: NonNullable<Awaited<ReturnType<typeof toldConfig>>>) {
  const { status, version, latest, reason, detail, told_at_ms: ts } = told;
  return { status, version, latest, reason, detail, ts };
}

async function appliedBy(
  sql: Ports["sql"],
  { device_id: deviceId, version }: { readonly device_id: string; readonly version: number },
): Promise<Fields | null> {
  if (version === 0) return {};
  const applied = await configVersion(sql, deviceId, version);
  return applied === undefined ? null : settingsOf(applied.settings);
}

function settingsOf(json: string | undefined): Fields {
  return parseRecord(json ?? "{}") ?? {};
}

function tagOf(version: number): string {
  return `"${version}"`;
}

/** RFC 9110, 13.1.1: any of a list. */
function isTag(c: Context, version: number): boolean {
  const tags = c.req.header("If-Match")?.split(",") ?? [];
  return tags.some((tag) => tag.trim() === tagOf(version));
}
