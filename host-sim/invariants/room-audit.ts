import type { Heard } from "../staged-server.ts";

interface Spoken {
  readonly deviceId: string;
  readonly type: string;
  readonly bootId: string;
  readonly seq: number;
  readonly payload: Record<string, unknown>;
}

/** What one feeder said in its room, each event once, in the order in which it happened there. */
function spokenBy(deviceId: string, heard: readonly Heard[]): Spoken[] {
  const known = new Set<string>();
  return heard.flatMap(({ message }) => {
    const { type, bootId, seq, payload } = message;
    if (message.deviceId !== deviceId || typeof bootId !== "string") return [];
    // A server that was started anew does not know what it has relayed.
    const name = `${bootId}/${String(seq)}`;
    if (known.has(name)) return [];
    known.add(name);
    return [
      {
        deviceId,
        type: String(type),
        bootId,
        seq: Number(seq),
        payload: payload as Record<string, unknown>,
      },
    ];
  });
}

/** What the events of one feeder must be to each other; undefined when nothing is wrong. */
export function auditRoom(deviceId: string, heard: readonly Heard[]): string | undefined {
  const spoken = spokenBy(deviceId, heard);
  return (
    outOfOrder(spoken) ??
    lostEvent(spoken) ??
    severalOutcomes(spoken) ??
    fallenAttempts(spoken) ??
    openEnds(spoken)
  );
}

/** A feeder's events arrive in the order of their numbers. */
function outOfOrder(spoken: readonly Spoken[]): string | undefined {
  const last = new Map<string, number>();
  for (const { bootId, seq } of spoken) {
    if (seq < (last.get(bootId) ?? 0)) return `event ${bootId}/${seq} came behind a later one`;
    last.set(bootId, seq);
  }
  return undefined;
}

/**
 * What follows from an event is told behind it. Numbers alone show no loss: a heartbeat that could not leave is replaced,
 * and its number is never seen.
 */
function lostEvent(spoken: readonly Spoken[]): string | undefined {
  const dropped = droppedByBoot(spoken);
  const told = new Set<string>();
  for (const event of spoken) {
    const { bootId, type, payload } = event;
    const missing = causesOf(event).find((cause) => !told.has(cause));
    if (missing !== undefined && (dropped.get(bootId) ?? 0) === 0) {
      return `of ${describe(event)} in boot ${bootId} the event before was lost: ${missing}`;
    }
    told.add(nameOf(type, payload));
    told.add(`${bootId} ${nameOf(type, payload)}`);
  }
  return undefined;
}

/** Names of the events without which this one cannot have been. */
function causesOf({ type, bootId, payload }: Spoken): string[] {
  const captureId = String(payload.captureId);
  const isOfThisBoot = captureId.startsWith(`${bootId}-`);
  const attempt = Number(payload.attempt);
  if (type === "event.capture") {
    // Of a visit before the restart: the camera held it.
    if (!isOfThisBoot) return [];
    const [visit = ""] = /^-\d+/.exec(captureId.slice(bootId.length)) ?? [];
    return [`event.visit ${bootId}${visit}`];
  }
  if (type !== "event.upload_status" || payload.kind === "clips") return [];
  const uploading = `${bootId} event.upload_status ${captureId} uploading ${attempt}`;
  switch (payload.status) {
    case "queued":
      return [`event.capture ${captureId}`];
    case "uploading":
      return attempt === 1 && isOfThisBoot ? [`event.upload_status ${captureId} queued 1`] : [];
    case "retry_scheduled":
    case "parked":
    case "success":
      return [uploading];
    default:
      return [];
  }
}

function describe({ type, payload }: Spoken): string {
  return nameOf(type, payload);
}

function nameOf(type: string, { captureId, status, attempt }: Record<string, unknown>): string {
  const parts = [type, captureId, status, type === "event.upload_status" ? attempt : undefined];
  return parts.filter((part) => part !== undefined).join(" ");
}

const HEARTBEAT = "event.heartbeat";

function droppedByBoot(spoken: readonly Spoken[]): ReadonlyMap<string, number> {
  const beats = spoken.filter(({ type }) => type === HEARTBEAT);
  return new Map(beats.map(({ bootId, payload }) => [bootId, Number(payload.eventsDropped)]));
}

/** Every shot ends in one outcome; after a restart the camera may bring once more what it was not told to forget. */
function severalOutcomes(spoken: readonly Spoken[]): string | undefined {
  const ended = new Set<string>();
  for (const { type, bootId, payload } of spoken) {
    if (type !== "event.capture") continue;
    const shot = `${bootId} ${String(payload.captureId)}`;
    if (ended.has(shot)) return `${shot} is told twice`;
    ended.add(shot);
  }
  return undefined;
}

/** Of what the last boot began all has come to an end; a restart before may have taken events with it. */
function openEnds(spoken: readonly Spoken[]): string | undefined {
  const last = spoken.at(-1)?.bootId;
  const told = spoken.filter(({ bootId }) => bootId === last);
  if (last === undefined || (droppedByBoot(told).get(last) ?? 0) > 0) return undefined;
  const isOf = (type: string) => (event: Spoken) => event.type === type;
  const ended = new Set(told.filter(isOf("event.capture")).map(captureOf));
  const open = told.filter(isOf("event.visit")).find((visit) => !ended.has(captureOf(visit)));
  if (open !== undefined) return `the visit ${captureOf(open)} has no outcome`;
  const uploads = told.filter(isOf("event.upload_status"));
  const isEnd = ({ payload }: Spoken) => ["success", "dropped"].includes(String(payload.status));
  const stored = new Set(uploads.filter(isEnd).map(captureOf));
  const stills = uploads.filter(({ payload }) => payload.kind !== "clips");
  const waiting = stills.find((upload) => !stored.has(captureOf(upload)));
  return waiting && `the upload of ${captureOf(waiting)} has no end`;
}

function captureOf({ payload }: Spoken): string {
  return String(payload.captureId);
}

/** Attempts are counted on flash: neither a restart nor a sleep makes them fewer. */
function fallenAttempts(spoken: readonly Spoken[]): string | undefined {
  const highest = new Map<string, number>();
  for (const { type, payload } of spoken) {
    if (type !== "event.upload_status" || typeof payload.attempt !== "number") continue;
    const { attempt, status } = payload;
    if (payload.kind === "clips" || status === "gallery_ack") continue;
    const capture = String(payload.captureId);
    // The camera brought it once more: it is another item on flash.
    if (status === "queued") highest.delete(capture);
    const before = highest.get(capture) ?? 0;
    if (attempt < before) return `${capture} is at attempt ${attempt} behind attempt ${before}`;
    if (status === "uploading" && attempt === before) {
      return `${capture} begins attempt ${attempt} a second time`;
    }
    if (status !== "queued") highest.set(capture, attempt);
  }
  return undefined;
}
