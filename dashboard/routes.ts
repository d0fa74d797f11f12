/**
 * Where the page is, as its address says it: `#/garden/2026-11-21/<photo id>`, each part left out from the right.
 * No day means today as it happens. `-` means all feeders (no device id begins with it), and a photo then says whose
 * it is: `#/-/2026-11-21/garden/<photo id>`. Ids are made of letters that need no escaping.
 */
import { isUtcDate } from "../protocol/day-index.ts";
import { isDeviceId } from "../protocol/ids.ts";

export interface Route {
  readonly deviceId: string | undefined;
  readonly date: string | undefined;
  readonly photo: PhotoName | undefined;
}

/** Ids are unique within one feeder. */
export interface PhotoName {
  readonly deviceId: string;
  readonly id: string;
}

const ALL_FEEDERS = "-";

/** Undefined for a feeder or a day that cannot exist, so that nobody asks the server for it. */
export function parseRoute(hash: string): Route | undefined {
  const [device = "", date = "", ...rest] = hash.replace(/^#?\/?/, "").split("/");
  const deviceId = device === "" || device === ALL_FEEDERS ? undefined : device;
  if (deviceId !== undefined && !isDeviceId(deviceId)) return undefined;
  if (date === "") return { deviceId, date: undefined, photo: undefined };
  if (!isUtcDate(date)) return undefined;
  return {
    deviceId,
    date,
    photo: readPhotoName(deviceId === undefined ? rest : [deviceId, ...rest]),
  };
}

export function formatRoute({ deviceId, date, photo }: Route): string {
  if (date === undefined) return `#/${deviceId ?? ""}`;
  const day = `#/${deviceId ?? ALL_FEEDERS}/${date}`;
  if (photo === undefined) return day;
  return deviceId === undefined ? `${day}/${photo.deviceId}/${photo.id}` : `${day}/${photo.id}`;
}

function readPhotoName([deviceId, id]: readonly string[]): PhotoName | undefined {
  return deviceId && id ? { deviceId, id } : undefined;
}
