import { Digest } from "crypt";
import type { Sha256 } from "../ports.ts";

/** What the native digest takes; the SDK's typings forget views. */
interface ByteDigest {
  write(bytes: Uint8Array): void;
  close(): ArrayBuffer;
}

function openDigest(): ByteDigest {
  return new Digest("SHA256") as unknown as ByteDigest;
}

export function createSha256(): Sha256 {
  const digest = openDigest();
  return {
    write: (bytes) => digest.write(bytes),
    finish: () => lowerHex(new Uint8Array(digest.close())),
  };
}

export function sha256Of(bytes: Uint8Array): ArrayBuffer {
  const digest = openDigest();
  digest.write(bytes);
  return digest.close();
}

function lowerHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
