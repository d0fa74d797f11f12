import type { PresignPutAnswer } from "../../protocol/presign.ts";
import type { DirectObjects } from "../../server-min/ports.ts";
import { MemoryObjects } from "../../server-min/storage/memory-objects.ts";
import { StoreUnavailable } from "../../server-min/storage/store-unavailable.ts";
import { sha256Hex } from "./server-fixture.ts";

const BUCKET_URL = "https://bucket.example/";

/** A bucket that clients put into themselves, as far as the server knows of it; it holds them to what was signed. */
export class MemoryBucket extends MemoryObjects {
  isDown = false;
  readonly #hashes = new Map<string, string>();

  readonly direct: DirectObjects = {
    signUpload: async ({ key, contentType, bytes, sha256 }) => ({
      url: `${BUCKET_URL}${key}`,
      headers: { "Content-Type": contentType, Authorization: `${sha256} ${bytes}` },
      expiresInSeconds: 900,
    }),
    signDownload: async (key) => ({ url: `${BUCKET_URL}${key}?signed`, expiresInSeconds: 600 }),
    inspect: async (key) => {
      if (this.isDown) throw new StoreUnavailable("down");
      const bytes = this.read(key, 0, Number.MAX_SAFE_INTEGER)?.length;
      return bytes === undefined ? undefined : { bytes, sha256: this.#hashes.get(key) };
    },
  };

  /** What a client does with its permission. */
  receive({ uploadUrl, headers }: PresignPutAnswer, bytes: Uint8Array): void {
    const sha256 = sha256Hex(bytes);
    if (headers.Authorization !== `${sha256} ${bytes.length}`) throw new Error("not as signed");
    this.place(uploadUrl.slice(BUCKET_URL.length), bytes, sha256);
  }

  place(key: string, bytes: Uint8Array, sha256: string): void {
    const writer = this.create(key);
    writer.write(bytes);
    writer.commit();
    this.#hashes.set(key, sha256);
  }
}
