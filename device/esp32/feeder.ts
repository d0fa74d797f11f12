/** READ FIRST: the feeder, top to bottom. A visit becomes a still in the spool, and the spool empties to the server. */
import type { CaptureFailure, VisitPayload } from "../../protocol/room-messages.ts";
import { CameraSession } from "./capture/camera-session.ts";
import { watchPresence } from "./capture/presence-watch.ts";
import { serialHttp } from "./http-lane.ts";
import { HEARTBEAT_MS } from "./limits.ts";
import type { Ports } from "./ports.ts";
import { ServerClock } from "./server-clock.ts";
import { Session } from "./session/session.ts";
import type { Settings } from "./settings.ts";
import { Spool } from "./upload/spool.ts";
import { SpoolSink } from "./upload/spool-sink.ts";
import { UploadQueue } from "./upload/upload-queue.ts";

export function startFeeder(ports: Ports, settings: Settings): void {
  const { time, log } = ports;
  const boot = countBoot(ports);
  const clock = new ServerClock(time);
  const http = serialHttp(ports.http);
  const spool = new Spool(ports.spoolFlash);
  const wallClockMs = (monotonicMs: number) => clock.wallClockMs(monotonicMs);
  let apiBase = settings.serverUrl;

  const session: Session = new Session(
    { ...ports, http },
    {
      deviceId: settings.deviceId,
      serverUrl: settings.serverUrl,
      bootId: boot.id,
      learnTime: (serverTimeMs) => clock.learn(serverTimeMs),
      wallClockMs,
      discovered: (discovery) => {
        apiBase = discovery.apiBase;
      },
      connected: () => {
        log.write("info", "session", "online");
        uploads.reconnected();
      },
    },
  );

  const uploads = new UploadQueue(time, http, spool, {
    deviceId: settings.deviceId,
    bootId: boot.id,
    apiBase: () => apiBase,
    wallClockMs,
    report: (payload) => session.report({ type: "event.upload_status", payload }),
  });

  const sink = new SpoolSink(spool, uploads, ports, { bootId: boot.id, wallClockMs });
  const camera = new CameraSession(
    ports,
    { firmwareVersion: settings.firmwareVersion, bootId: boot.id },
    sink,
    captured,
  );

  let captures = 0;
  let visitAtMs = 0;

  watchPresence(ports, (trigger, grams) => {
    const captureId = `${boot.id}-${++captures}`;
    const payload: VisitPayload = { captureId, trigger, ...(grams > 0 ? { weight_g: grams } : {}) };
    session.report({ type: "event.visit", payload });
    if (camera.busy) return captured(captureId, "camera_busy");
    visitAtMs = time.monotonicMs();
    camera.photograph(captureId);
  });

  function captured(captureId: string, failure: CaptureFailure | undefined): void {
    const latency_ms = time.monotonicMs() - visitAtMs;
    const payload =
      failure === undefined
        ? { captureId, ok: true, latency_ms }
        : { captureId, ok: false, latency_ms, reason: failure };
    session.report({ type: "event.capture", payload });
    uploads.takeNew();
  }

  function heartbeat(): void {
    session.report({
      type: "event.heartbeat",
      payload: {
        version: settings.firmwareVersion,
        bootCount: boot.count,
        uptime_s: Math.floor(time.monotonicMs() / 1000),
        queue: {
          count: spool.items.length,
          bytes: spool.usedBytes,
          dropped: uploads.dropped,
        },
        eventsDropped: session.eventsDropped,
      },
    });
    time.after(HEARTBEAT_MS, heartbeat);
  }

  log.write(
    "info",
    "feeder",
    `${settings.deviceId} ${settings.firmwareVersion} boot ${boot.count}`,
  );
  session.start();
  heartbeat();
  uploads.pump();
}

/** Names this boot: counted on flash, and random so that an erased flash does not repeat old names. */
function countBoot(ports: Pick<Ports, "store" | "entropy">): { id: string; count: number } {
  const count = (Number(ports.store.read("bootCount")) || 0) + 1;
  ports.store.write("bootCount", String(count));
  const random = Math.floor(ports.entropy.uniform() * 0x1_0000_0000);
  return { id: random.toString(16).padStart(8, "0"), count };
}
