import { createHash } from "node:crypto";
import type { S3Bucket } from "../machine/s3-bucket.ts";
import type { DirectObjects, ObjectBytes, ObjectStore, ObjectWriter } from "../ports.ts";
import { S3Direct } from "./s3-direct.ts";
import { listedKeys } from "./s3-listing.ts";
import { isSafeKey } from "./safe-key.ts";
import { StoreUnavailable } from "./store-unavailable.ts";

/** What one reader has in memory at a time; an image is then asked for in some five requests, each of its own timeout. */
const PIECE_BYTES = 256 * 1024;

/** Some four of the largest clips. A client that may go to the bucket itself is not counted. */
const BUFFERED_BYTES_MAX = 128 * 1024 * 1024;

/** Objects in a bucket. */
export class S3Objects implements ObjectStore {
  readonly direct: DirectObjects;
  readonly #bucket: S3Bucket;
  #bufferedBytes = 0;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
    this.direct = new S3Direct(bucket);
  }

  /** Keeps the bytes until the commit, for a PUT says their hash first; so all writers together have a bound. */
  create(key: string): ObjectWriter {
    checkKey(key);
    const chunks: Uint8Array[] = [];
    let ownBytes = 0;
    let isOpen = true;
    return {
      write: (chunk) => {
        if (this.#bufferedBytes + chunk.length > BUFFERED_BYTES_MAX) {
          throw new StoreUnavailable("too much at once comes through the server to the bucket");
        }
        ownBytes += chunk.length;
        this.#bufferedBytes += chunk.length;
        // Copied, for the caller may use its buffer again.
        chunks.push(new Uint8Array(chunk));
      },
      commit: async () => {
        if (!isOpen) throw new Error(`${key}: its writer is gone`);
        const body = Buffer.concat(chunks);
        const sha256 = createHash("sha256").update(body).digest("hex");
        const headers = { "X-Amz-Content-Sha256": sha256, "X-Amz-Meta-Sha256": sha256 };
        await this.#bucket.send({ method: "PUT", key, headers }, body);
      },
      [Symbol.asyncDispose]: async () => {
        if (isOpen) this.#bufferedBytes -= ownBytes;
        isOpen = false;
      },
    };
  }

  async read(key: string, firstByte: number, lastByte: number): Promise<ObjectBytes> {
    checkKey(key);
    const first = await this.#readPiece(key, firstByte, lastByte);
    if (first === undefined || first.length < PIECE_BYTES) return first;
    let piece: Uint8Array<ArrayBuffer> | undefined = first;
    let position = firstByte;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        piece ??= await this.#readPiece(key, position, lastByte);
        if (piece === undefined) return controller.error(new Error(`${key}: removed while read`));
        const { length } = piece;
        if (length > 0) controller.enqueue(piece);
        piece = undefined;
        position += length;
        if (length < PIECE_BYTES || position > lastByte) controller.close();
      },
    });
  }

  /** Ends early where the object does. */
  async #readPiece(key: string, firstByte: number, lastByte: number) {
    const last = Math.min(lastByte, firstByte + PIECE_BYTES - 1);
    const headers = { Range: `bytes=${firstByte}-${last}` };
    const { status, body } = await this.#bucket.send({ method: "GET", key, headers });
    if (status === 404) return undefined;
    if (status === 416) return new Uint8Array();
    // RFC 9110 lets a server answer a range with the whole.
    return status === 200 ? body.subarray(firstByte, last + 1) : body;
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    await this.#bucket.send({ method: "DELETE", key });
  }

  async *list(prefix: string): AsyncGenerator<{ readonly key: string; readonly bytes: number }> {
    for await (const listed of listedKeys(this.#bucket, prefix)) {
      // Whatever else lies in the bucket is not ours.
      if (isSafeKey(listed.key)) yield listed;
    }
  }
}

function checkKey(key: string): void {
  if (!isSafeKey(key)) throw new Error(`unsafe object key: ${key}`);
}
