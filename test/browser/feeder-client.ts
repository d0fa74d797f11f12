/** A feeder as the server knows it: HTTP for photos, one WebSocket for events. */
import { createHash } from "node:crypto";
import jpeg from "jpeg-js";
import { parseDiscovery } from "../../protocol/discovery.ts";
import { parsePresignPutAnswer } from "../../protocol/presign.ts";
import type { FeederEvent } from "../../protocol/room-messages.ts";

export interface FeederClient {
  readonly deviceId: string;
  send(event: FeederEvent): void;
  upload(photo: PhotoToUpload): Promise<UploadedPhoto>;
  leave(): void;
}

interface PhotoToUpload {
  readonly captureId: string;
  readonly capturedAtMs?: number;
  readonly contentType?: "video/mp4";
  /** In place of a drawn photo. */
  readonly bytes?: Buffer;
}

export interface UploadedPhoto {
  readonly key: string;
  readonly bytes: Buffer;
}

export async function joinAsFeeder(serverUrl: string, deviceId: string): Promise<FeederClient> {
  const answer = await fetch(`${serverUrl}/v1/discovery/${deviceId}`);
  const discovery = parseDiscovery(await answer.text());
  if (discovery === undefined) throw new Error(`no discovery for ${deviceId}`);
  const socket = new WebSocket(discovery.signalWs);
  await new Promise((opened, failed) => {
    socket.onopen = opened;
    socket.onerror = failed;
  });
  return {
    deviceId,
    send: (event) => socket.send(JSON.stringify(event)),
    upload: (photo) => upload(serverUrl, deviceId, photo),
    leave: () => socket.close(),
  };
}

async function upload(
  serverUrl: string,
  deviceId: string,
  photo: PhotoToUpload,
): Promise<UploadedPhoto> {
  const { captureId, capturedAtMs = Date.now(), contentType = "image/jpeg" } = photo;
  const body = photo.bytes ?? drawPhoto(captureId);
  const capturedAt = new Date(capturedAtMs).toISOString();
  const kind = contentType === "image/jpeg" ? "photos" : "clips";
  const asked = { deviceId, kind, contentType, captureId, capturedAt };
  const answer = await fetch(`${serverUrl}/v1/presign/put`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  const grant = parsePresignPutAnswer(await answer.text());
  if (grant === undefined) throw new Error(`no permission to upload: ${answer.status}`);
  const { uploadUrl, headers } = grant;
  const stored = await fetch(uploadUrl, { method: "PUT", headers, body: new Uint8Array(body) });
  if (!stored.ok) throw new Error(`upload refused: ${stored.status}`);
  return { key: grant.key, bytes: body };
}

/** One colour for each capture, so that no two photos are the same bytes. */
function drawPhoto(captureId: string): Buffer {
  const [red = 0, green = 0, blue = 0] = createHash("sha256").update(captureId).digest();
  const pixel = Buffer.from([red, green, blue, 255]);
  const [width, height] = [64, 48];
  return jpeg.encode({ width, height, data: Buffer.alloc(width * height * 4, pixel) }, 80).data;
}

export function uploadStatus(
  status: "queued" | "uploading" | "success",
  captureId: string,
  key?: string,
): FeederEvent {
  const payload = { status, captureId, attempt: 1, ...(key === undefined ? {} : { key }) };
  return { type: "event.upload_status", payload };
}
