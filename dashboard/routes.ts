/**
 * Where the page is, as its address says it: `#/garden/2026-11-21/<photo id>`, each part left out from the right.
 * No day means today as it happens. `-` means all feeders (no device id begins with it), and a photo then says whose
 * it is: `#/-/2026-11-21/garden/<photo id>`. Ids are made of letters that need no escaping.
 */
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
const DATE = /^\d{4}-\d{2}-\d{2}$/;

export function parseRoute(hash: string): Route {
  const [device = "", date = "", ...rest] = hash.replace(/^#?\/?/, "").split("/");
  const deviceId = device === "" || device === ALL_FEEDERS ? undefined : device;
  const isDate = DATE.test(date) && Number.isFinite(Date.parse(date));
  return {
    deviceId,
    date: isDate ? date : undefined,
    photo: isDate ? readPhotoName(deviceId === undefined ? rest : [deviceId, ...rest]) : undefined,
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
