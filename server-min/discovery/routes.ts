import { Hono } from "hono";
import { isDeviceId } from "../../protocol/ids.ts";
import { touchDevice } from "../devices/device-rows.ts";
import { USUAL } from "../firmware/usual-device.ts";
import { mayActAs } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { signRoomToken, socketUrl } from "../relay/room-token.ts";
import type { Settings } from "../settings.ts";
import { tokensAcceptedFromMs } from "../storage/device-access.ts";
import { newestStableVersion } from "../storage/releases.ts";

/** Read when a feeder joins, not later; a feeder asks again at every reconnect. */
const FEEDER_TOKEN_SECONDS = 10 * 60;
/** Older than any release: the first stack's clients want a version where there is none. */
const NO_RELEASE = "0.0.0";

/** GET /v1/discovery/:deviceId: everything a feeder must know to work with this server. */
export function discoveryRoutes({ clock, sql, settings }: AppPorts): Hono {
  return new Hono().get("/v1/discovery/:deviceId", async (c) => {
    const deviceId = c.req.param("deviceId");
    if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
    c.set("deviceId", deviceId);
    const refusal = mayActAs(c.get("principal"), deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const nowMs = clock.nowMs();
    await touchDevice(sql, deviceId, nowMs);
    const sinceMs = await tokensAcceptedFromMs(sql, deviceId);
    const token = signRoomToken(
      settings.relaySecret,
      { role: "feeder", deviceId, sinceMs },
      {
        nowMs,
        lifetimeSeconds: FEEDER_TOKEN_SECONDS,
      },
    );
    const newest = await newestStableVersion(sql, { deviceId, usualBoard: USUAL.board });
    const firmware = newest ?? NO_RELEASE;
    return c.json(describeServer(settings, { deviceId, token, nowMs, firmware }));
  });
}

function describeServer(
  settings: Settings,
  feeder: {
    readonly deviceId: string;
    readonly token: string;
    readonly nowMs: number;
    readonly firmware: string;
  },
) {
  const { publicUrl, mqttUrl } = settings;
  const { deviceId } = feeder;
  return {
    deviceId,
    time: new Date(feeder.nowMs).toISOString(),
    api_base: publicUrl,
    presign_base: publicUrl,
    ota_base: publicUrl,
    signal_ws: socketUrl(publicUrl, feeder.token),
    ...(mqttUrl !== undefined && { mqtt_url: mqttUrl }),
    fw_version: feeder.firmware,
    step: "upload",
    video: {
      thumb_base: `${publicUrl}/v1/objects/photos/${deviceId}`,
      clip_base: `${publicUrl}/v1/objects/clips/${deviceId}`,
      retention: {
        clips_days: settings.retention.clipsDays,
        photos_days: settings.retention.photosDays,
      },
    },
    cap: ["upload_immediate", "ram_retry_queue", "save_to_photos"],
    services: ["weight", "motion", "visit", "camera", "ota", "logs"],
  };
}
