import { Hono } from "hono";
import * as v from "valibot";
import type { UpdateCommand } from "../../protocol/update-messages.ts";
import { isKnownDevice } from "../devices/device-rows.ts";
import { DEVICE_ID, SHA256_HEX } from "../field-schemas.ts";
import type { Audit } from "../identity/audit.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { firmwareOfDevice, putFirmware } from "../storage/device-firmware.ts";
import type { TargetChoice } from "./target-choice.ts";

export const COMMAND_BODY = v.object({
  deviceId: DEVICE_ID,
  action: v.picklist(["update", "revert", "safe_mode", "restart"]),
  version: v.optional(v.pipe(v.string(), v.maxLength(64))),
  force: v.optional(v.boolean(), false),
  elfSha256: v.optional(SHA256_HEX),
});

type CommandRequest = v.InferOutput<typeof COMMAND_BODY>;

/** POST /v1/ota/command: what an operator tells one feeder. */
export function commandRoutes(
  { sql, rooms }: Pick<AppPorts, "sql" | "rooms">,
  targets: TargetChoice,
  audit: Audit,
): Hono {
  async function makeCommand(request: CommandRequest): Promise<UpdateCommand | Refusal> {
    const { deviceId, action, version, force } = request;
    const row = await firmwareOfDevice(sql, deviceId);
    switch (action) {
      case "update": {
        const choice = await targets.choose(deviceId, row, version);
        if (choice.kind === "refused") return choice;
        // Remembered before anything is sent: a feeder that is away takes it up at its next poll.
        await putFirmware(sql, { device_id: deviceId, target_version: version ?? null });
        const { manifest } = choice;
        return { action, force, ...(manifest && { manifest }) };
      }
      case "revert": {
        // The feeder goes back only when this is what its other slot holds.
        const elfSha256 = request.elfSha256 ?? row?.previous_elf_sha256 ?? undefined;
        return { action, elfSha256 };
      }
      case "safe_mode":
      case "restart":
        return { action };
    }
  }

  return new Hono().post("/v1/ota/command", async (c) => {
    const body = await readJson(c.req.raw, COMMAND_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const { deviceId, action } = body.value;
    c.set("deviceId", deviceId);
    const delivered = rooms.hasFeeder(deviceId);
    if (!delivered && !(await isKnownDevice(sql, deviceId))) {
      return problemAnswer(refused("not_found", "no such device"));
    }
    if (!delivered && action !== "update") return problemAnswer(refused("device_offline"));
    const command = await makeCommand(body.value);
    if ("kind" in command) return problemAnswer(command);
    if (delivered) rooms.publish(deviceId, { type: "cmd.ota", payload: command });
    const after = { ...body.value, delivered };
    await audit.did(c, { action: "command", target: deviceId, after });
    return c.json({ deviceId, delivered }, 202);
  });
}
