import { parseObjectKey } from "../../protocol/object-key.ts";
import type { DayFiles } from "../day-index/day-files.ts";
import type { AppPorts, ListedObject, ObjectStore } from "../ports.ts";
import { rowsOfKeys } from "../storage/kept-objects.ts";
import type { Intake } from "../uploads/intake.ts";
import { adoptObject, LAST_BYTE } from "./adopt-object.ts";

/** What it looks for is what a crash leaves, so once a start would do; a day is for what comes another way. */
const AGAIN_MS = 24 * 3_600_000;
const BATCH = 200;
/** A hundred thousand photos are looked through in a minute or two, beside everything else. */
const PAUSE_MS = 100;
const FOLDERS = ["photos/", "clips/"];

type Ports = Pick<AppPorts, "sql" | "objects" | "clock" | "background">;

/**
 * Looks for objects that no index shows. One whose row never came, for the process ended in between, was received whole:
 * it gets its row. One whose row says that its time is over goes.
 */
export class OrphanSearch {
  readonly #ports: Ports;
  readonly #dayFiles: DayFiles;
  readonly #intake: Intake;

  constructor(ports: Ports, dayFiles: DayFiles, intake: Intake) {
    this.#ports = ports;
    this.#dayFiles = dayFiles;
    this.#intake = intake;
  }

  start(): void {
    this.#runBatch(this.#listed());
  }

  async *#listed(): AsyncGenerator<ListedObject> {
    for (const folder of FOLDERS) yield* this.#ports.objects.list(folder);
  }

  #runBatch(listed: AsyncGenerator<ListedObject>): void {
    const { background, clock } = this.#ports;
    background.run(() =>
      this.#lookThrough(listed).then(
        (isMore) => {
          if (isMore) clock.after(PAUSE_MS, () => this.#runBatch(listed));
          else clock.after(AGAIN_MS, () => this.start());
        },
        (error) => {
          clock.after(AGAIN_MS, () => this.start());
          throw error;
        },
      ),
    );
  }

  async #lookThrough(listed: AsyncGenerator<ListedObject>): Promise<boolean> {
    const keys: string[] = [];
    let isMore = true;
    while (keys.length < BATCH && isMore) {
      const next = await listed.next();
      if (next.done) isMore = false;
      // The indices of the days are no media.
      else if (parseObjectKey(next.value.key) !== undefined) keys.push(next.value.key);
    }
    for (const key of await this.#unlisted(keys)) {
      const deviceId = parseObjectKey(key)?.deviceId ?? "";
      await this.#intake.inTurn(deviceId, () => this.#settle(key));
    }
    return isMore;
  }

  async #unlisted(keys: readonly string[]): Promise<readonly string[]> {
    if (keys.length === 0) return [];
    const rows = await rowsOfKeys(this.#ports.sql, keys);
    const listed = new Set(
      rows.filter(({ freedAtMs }) => freedAtMs === null).map(({ key }) => key),
    );
    return keys.filter((key) => !listed.has(key));
  }

  /** Asked again in the device's turn: an upload may just have brought the row. */
  async #settle(key: string): Promise<void> {
    const { clock, objects } = this.#ports;
    if ((await this.#unlisted([key])).length === 0) return;
    if (objects.direct === undefined) await makeDurable(objects, key);
    const adoption = await adoptObject(this.#ports, key, { nowMs: clock.nowMs() });
    if (adoption.kind === "duplicate") await objects.remove(key);
    if (adoption.kind !== "adopted") return;
    this.#dayFiles.refreshSoon(adoption.object.device_id, adoption.object.day);
  }
}

/** The process that wrote it may have ended before its name was durable, and a row must not outlive its object. */
async function makeDurable(objects: ObjectStore, key: string): Promise<void> {
  const body = await objects.read(key, 0, LAST_BYTE);
  if (body === undefined) return;
  await using writer = await objects.create(key);
  for await (const chunk of body instanceof Uint8Array ? [body] : body) await writer.write(chunk);
  await writer.commit();
}
