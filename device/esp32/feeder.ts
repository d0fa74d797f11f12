/** READ FIRST: the feeder, top to bottom. A visit becomes a still in the spool, and the spool empties to the server. */
import type { CapturePayload, VisitPayload } from "../../protocol/room-messages.ts";
import { CameraSession } from "./capture/camera-session.ts";
import { watchPresence } from "./capture/presence-watch.ts";
import { serialHttp } from "./http-lane.ts";
import { HEARTBEAT_MS } from "./limits.ts";
import type { Ports } from "./ports.ts";
import { ServerPlace } from "./server-place.ts";
import { Session } from "./session/session.ts";
import type { Settings } from "./settings.ts";
import { ClipUpload } from "./upload/clip-upload.ts";
import { Spool } from "./upload/spool.ts";
import { SpoolSink } from "./upload/spool-sink.ts";
import { UploadQueue } from "./upload/upload-queue.ts";

export function startFeeder(ports: Ports, settings: Settings): void {
  const boot = countBoot(ports);
  const context = { ...settings, bootId: boot.id };
  const http = serialHttp(ports.http);
  const server = new ServerPlace(ports.time, settings.serverUrl);

  const session = new Session({ ...ports, http }, server, context);
  const spool = new Spool(ports.spoolFlash);
  const uploads = new UploadQueue({ ...ports, http }, spool, server, context, (payload) =>
    session.report({ type: "event.upload_status", payload }),
  );

  const clips = new ClipUpload({ ...ports, http }, server, settings.deviceId, (payload) =>
    session.report({ type: "event.upload_status", payload }),
  );

  const stills = new SpoolSink(spool, uploads, ports, server, boot.id);
  startCapture(ports, session, { stills, clips }, context);
  startHeartbeat(ports, session, spool, uploads, { ...settings, bootCount: boot.count });
  session.start(() => uploads.reconnected());
  ports.network.start((online) => {
    session.networkChanged(online);
    uploads.networkChanged(online);
    clips.networkChanged(online);
  });
  ports.log.write(
    "info",
    "feeder",
    `${settings.deviceId} ${settings.firmwareVersion} boot ${boot.count}`,
  );
}

/** Flow one, up to the spool: presence, camera, still. What was stored is the upload queue's from there on. */
function startCapture(
  ports: Ports,
  session: Session,
  media: { readonly stills: SpoolSink; readonly clips: ClipUpload },
  context: Settings & { readonly bootId: string },
): void {
  let visits = 0;
  const camera = new CameraSession(ports, context, media, (shot, failure) => {
    const { captureId, latencyMs: latency_ms } = shot;
    const outcome = failure === undefined ? { ok: true } : { ok: false, reason: failure };
    const clip = shot.op === "clip" ? ({ kind: "clips" } as const) : {};
    const payload: CapturePayload = { captureId, latency_ms, ...clip, ...outcome };
    session.report({ type: "event.capture", payload });
  });

  camera.start();
  watchPresence(ports, {
    visited: (trigger, grams) => {
      const captureId = `${context.bootId}-${++visits}`;
      const weight = grams > 0 ? { weight_g: Math.round(grams) } : {};
      const visit: VisitPayload = { captureId, trigger, ...weight };
      session.report({ type: "event.visit", payload: visit });
      camera.visit(captureId);
    },
    departed: () => camera.departed(),
  });
}

function startHeartbeat(
  { time }: Ports,
  session: Session,
  spool: Spool,
  uploads: UploadQueue,
  about: { readonly firmwareVersion: string; readonly bootCount: number },
): void {
  const beat = (): void => {
    time.after(HEARTBEAT_MS, beat);
    const queue = { count: spool.items.length, bytes: spool.usedBytes, dropped: uploads.dropped };
    session.report({
      type: "event.heartbeat",
      payload: {
        version: about.firmwareVersion,
        bootCount: about.bootCount,
        uptime_s: Math.floor(time.monotonicMs() / 1000),
        queue,
        eventsDropped: session.eventsDropped,
      },
    });
  };
  beat();
}

/** Names this boot for ever: counted on flash, and random so that an erased flash does not repeat old names. */
function countBoot(ports: Pick<Ports, "store" | "entropy">): { id: string; count: number } {
  const count = (Number(ports.store.read("bootCount")) || 0) + 1;
  ports.store.write("bootCount", String(count));
  const random = Math.floor(ports.entropy.uniform() * 0x1_0000_0000);
  return { id: `${count}-${random.toString(16).padStart(8, "0")}`, count };
}
