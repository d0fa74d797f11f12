import type { SourcePatch } from "../../host-sim/source-patches.ts";

export interface PlantedBug {
  readonly name: string;
  readonly patches: readonly SourcePatch[];
  /** The first seed of `swarm` that finds it. */
  readonly foundAt: number;
  /** What the simulator must say of it. */
  readonly broken: RegExp;
}

const NEVER_MS = "1_000_000_000";

/** Bugs of the kind that a feeder in the field has; each is some lines of the sources as they could have been written. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: "an upload queue without an acknowledgement timeout",
    foundAt: 2,
    broken: /photos are stuck in its queue|left no photo/,
    patches: [
      {
        file: "device/esp32/upload/upload-attempt.ts",
        find: "timeoutMs: PRESIGN_TIMEOUT_MS,",
        replace: `timeoutMs: ${NEVER_MS} + 0 * PRESIGN_TIMEOUT_MS,`,
      },
      {
        file: "device/esp32/upload/upload-attempt.ts",
        find: "timeoutMs: PUT_TIMEOUT_MS + body.lengthBytes / PUT_BYTES_PER_MS_MIN,",
        replace: `timeoutMs: ${NEVER_MS} + PUT_TIMEOUT_MS + body.lengthBytes / PUT_BYTES_PER_MS_MIN,`,
      },
    ],
  },
  {
    name: "a replay queue that loses one event on reconnect",
    foundAt: 1,
    broken: /the event before was lost/,
    patches: [
      {
        file: "device/esp32/session/event-queue.ts",
        find: "for (const queued of this.#queue) queued.sent = false;",
        replace: "this.#queue.shift(); for (const queued of this.#queue) queued.sent = false;",
      },
    ],
  },
  {
    name: "an index written before its object",
    foundAt: 186,
    broken: /is in the day index and answers 404/,
    patches: [
      {
        file: "server-min/uploads/store-object.ts",
        find: "await arrival.commit();\n  if (await insertObject(sql, object))",
        replace:
          "const isNew = await insertObject(sql, object);\n  await arrival.commit();\n  if (isNew)",
      },
    ],
  },
  {
    name: "a retry that forgets its attempt count over deep sleep",
    foundAt: 79,
    broken: /attempt/,
    patches: [
      {
        file: "device/esp32/upload/spool.ts",
        find: "this.programWord(item, ATTEMPTS_AT, attemptsWord(item.attempts));",
        replace: "void attemptsWord;",
      },
    ],
  },
  {
    name: "otadata switched before the image is verified",
    foundAt: 13,
    broken: /which nobody published/,
    patches: [
      {
        file: "device/esp32/update/installer.ts",
        find: "if (this.writer.hash(release.sizeBytes) !== release.sha256) {",
        replace:
          'const early = this.#slots.readOther();\n    if (early !== undefined) return { kind: "good", description: early };\n    if (this.writer.hash(release.sizeBytes) !== release.sha256) {',
      },
    ],
  },
  {
    name: "a still that is thrown away after its second failed upload",
    foundAt: 2,
    broken: /was taken and is nowhere/,
    patches: [
      {
        file: "device/esp32/upload/upload-queue.ts",
        find: 'if (result.kind === "stored") return this.stored(item, result.key);',
        replace:
          'if (result.kind === "stored") return this.stored(item, result.key);\n    if (item.attempts >= 2) return this.forget(item);',
      },
    ],
  },
  {
    name: "a camera that is given up for good when it was silent once",
    foundAt: 1,
    broken: /left no photo|has no outcome/,
    patches: [
      {
        file: "device/esp32/capture/camera-session.ts",
        find: "this.#shots.lost(reason, this.nowMs());",
        replace: "this.#shots.lost(reason, this.nowMs()); Object.assign(this, { visit() {} });",
      },
    ],
  },
];
