import type { Configuration } from "./configuration/configuration.ts";
import { NVS_KEYS } from "./nvs-keys.ts";
import type { Ports } from "./ports.ts";
import type { Session } from "./session/session.ts";
import type { Settings } from "./settings.ts";
import type { BootWatch } from "./update/boot-watch.ts";
import type { Updater } from "./update/updater.ts";
import type { UploadQueue } from "./upload/upload-queue.ts";

interface Feeder {
  readonly settings: Settings;
  readonly configuration: Configuration;
  readonly bootCount: number;
  readonly boots: BootWatch;
  readonly updater: Updater;
  /** Undefined in safe mode. */
  readonly photos: { readonly uploads: UploadQueue } | undefined;
}

/** Once a minute, or as set: what runs here, and how it does. */
export function startHeartbeat(
  { time, appSlots, store }: Pick<Ports, "time" | "appSlots" | "store">,
  session: Session,
  { settings, configuration, bootCount, boots, updater, photos }: Feeder,
): void {
  let sentName: string | undefined;
  let toldName: string | undefined;
  const beat = (): void => {
    time.after(configuration.active.heartbeatSeconds * 1_000, beat);
    // One that bore it has arrived: until then a newer heartbeat may take the place of the older.
    if (session.isCaughtUp) toldName = sentName;
    // Whoever stands at the feeder may give it another while it runs.
    const name = store.read(NVS_KEYS.name);
    sentName = name;
    const { safeMode } = boots;
    const { mqttFallback } = session;
    session.report({
      type: "event.heartbeat",
      payload: {
        version: settings.firmwareVersion,
        elfSha256: appSlots.running.elfSha256,
        slot: appSlots.runningSlot,
        bootCount,
        uptime_s: Math.floor(time.monotonicMs() / 1000),
        queue: photos?.uploads.usage ?? { count: 0, bytes: 0, dropped: 0 },
        eventsDropped: session.eventsDropped,
        update: updater.stage,
        config: configuration.report,
        ...(name === undefined || name === toldName ? {} : { name }),
        ...(safeMode === undefined ? {} : { safeMode }),
        ...(mqttFallback === undefined ? {} : { mqttFallback }),
      },
    });
  };
  beat();
}
