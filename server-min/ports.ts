/** What the server needs from the world. `node.ts` has the adapters of a machine; a simulated world has its own. */
import type { Kysely } from "kysely";
import type { Background } from "./background.ts";
import type { ServerMetrics } from "./metrics/server-metrics.ts";
import type { Rooms } from "./relay/rooms.ts";
import type { AnsweredRequest } from "./requests/request-watch.ts";
import type { Settings } from "./settings.ts";
import type { Database } from "./storage/schema.ts";

export interface AppPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sql: Kysely<Database>;
  readonly objects: ObjectStore;
  /** Of the file system that takes uploads. */
  diskSpace(): DiskSpace;
  readonly rooms: Rooms;
  readonly background: Background;
  readonly settings: Settings;
  readonly metrics: ServerMetrics;
  readonly simulation?: Simulation;
  /** What else must answer before work is sent here, by name: each rejects when it does not. */
  readonly probes?: ReadonlyMap<string, () => Promise<unknown>> | undefined;
  /** Told of every bug that reached the top; the client only learns that there was one. */
  report(error: unknown, requestId?: string): void;
  /** Told of every request once its answer is decided. */
  answered(request: AnsweredRequest): void;
  /** Told what whoever runs the server should know. */
  notice(text: string): void;
}

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls back once, never from inside this call. */
  after(delayMs: number, elapsed: () => void): void;
}

export interface Random {
  bytes(length: number): Uint8Array;
}

/** Bytes under a key. A key shows all of its bytes or none, also after a power cut. */
export interface ObjectStore {
  create(key: string): ObjectWriter | Promise<ObjectWriter>;
  /** Both ends are inclusive offsets; undefined when there is no such object. */
  read(key: string, firstByte: number, lastByte: number): ObjectBytes | Promise<ObjectBytes>;
  /** When this is done it stays away, also after a power cut; there need be none. */
  remove(key: string): void | Promise<void>;
  /** In any order. The prefix ends with a slash; what comes or goes meanwhile may be among them or not. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Set where clients exchange the bytes with the store itself. */
  readonly direct?: DirectObjects;
}

export interface DirectObjects {
  /** What lets a client store exactly this object, and nothing else. */
  signUpload(object: UploadFacts): Promise<SignedUpload>;
  signDownload(key: string, contentType: string): Promise<SignedDownload>;
  /** Undefined when there is no such object; without a hash nobody signed it. */
  inspect(
    key: string,
  ): Promise<{ readonly bytes: number; readonly sha256: string | undefined } | undefined>;
}

export interface UploadFacts {
  readonly key: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface SignedDownload {
  readonly url: string;
  readonly expiresInSeconds: number;
}

export interface SignedUpload extends SignedDownload {
  /** The client sends exactly these. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
}

export type ObjectBytes = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;

/** Disposing gives up what was not committed, and leaves nothing of it. */
export interface ObjectWriter extends AsyncDisposable {
  write(chunk: Uint8Array): void | Promise<void>;
  /** When this is done the object survives a power cut; it replaces one of the same key. */
  commit(): void | Promise<void>;
}

/** The feeders that live in this process, for the starter that also runs a simulated one. */
export interface Simulation {
  deviceIds(): readonly string[];
  /** A bird lands. */
  visit(deviceId: string): void;
}
