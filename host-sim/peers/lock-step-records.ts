/** The records of device/amb82-bridge/mini/posix/record_stream.hpp. */
import type { WifiCredentials } from "../network/home-wifi.ts";

const INPUT = { boot: 1, bytes: 2, tick: 3, room: 4, sent: 5, upload: 6, join: 7 } as const;
const NEVER = 0xffff_ffff_ffff_ffffn;

export type OutputRecord =
  | { readonly kind: "wire"; readonly bytes: Buffer }
  | { readonly kind: "rate"; readonly bitsPerSecond: number }
  | {
      readonly kind: "took";
      readonly media: "still" | "clip";
      readonly size: number;
      readonly sha256: string;
    }
  | {
      readonly kind: "upload";
      readonly url: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: Uint8Array;
    }
  | { readonly kind: "join" | "store"; readonly ssid: string; readonly passphrase: string }
  | { readonly kind: "sleep" }
  /** Infinity: nothing is due. */
  | { readonly kind: "end"; readonly wakeMs: number };

export function inputRecord(
  kind: Exclude<keyof typeof INPUT, "boot">,
  nowMicros: bigint,
  fields: Uint8Array,
): Uint8Array {
  return record(INPUT[kind], nowMicros, fields);
}

export function bootRecord(
  nowMicros: bigint,
  bootNumber: number,
  credentials: WifiCredentials | undefined,
): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(bootNumber));
  const known = credentials === undefined ? [] : [credentials.ssid, credentials.passphrase];
  return record(INPUT.boot, nowMicros, Buffer.concat([number, ...known.map(text)]));
}

/** Throws on a record of no known kind: the process and this file no longer agree. */
export function parseOutput(record: Buffer): OutputRecord {
  const fields = record.subarray(1);
  switch (record[0]) {
    case 65:
      return { kind: "wire", bytes: fields };
    case 66:
      return { kind: "rate", bitsPerSecond: fields.readUInt32LE() };
    case 67:
      return {
        kind: "took",
        media: fields[0] === 0 ? "still" : "clip",
        size: fields.readUInt32LE(1),
        sha256: fields.toString("hex", 5),
      };
    case 68:
      return parseUpload(fields);
    case 69:
      return { kind: "join", ...parseNetwork(fields) };
    case 70:
      return { kind: "store", ...parseNetwork(fields) };
    case 71:
      return { kind: "sleep" };
    case 72: {
      const micros = fields.readBigUInt64LE();
      return { kind: "end", wakeMs: micros === NEVER ? Infinity : Number(micros) / 1000 };
    }
    default:
      throw new Error(`camera: record of kind ${record[0]}`);
  }
}

function parseNetwork(fields: Buffer): WifiCredentials {
  const { texts } = takeTexts(fields, 2);
  const [ssid = "", passphrase = ""] = texts;
  return { ssid, passphrase };
}

function parseUpload(fields: Buffer): OutputRecord {
  const { texts, rest } = takeTexts(fields, 1);
  const count = rest.readUInt8();
  const words = takeTexts(rest.subarray(1), 2 * count);
  const headers = Array.from(
    { length: count },
    (_, index) => [words.texts[2 * index] ?? "", words.texts[2 * index + 1] ?? ""] as const,
  );
  return { kind: "upload", url: texts[0] ?? "", headers, body: words.rest.subarray(4) };
}

function takeTexts(fields: Buffer, count: number): { texts: string[]; rest: Buffer } {
  const texts: string[] = [];
  let rest = fields;
  for (let index = 0; index < count; index++) {
    const end = 2 + rest.readUInt16LE();
    texts.push(rest.toString("utf8", 2, end));
    rest = rest.subarray(end);
  }
  return { texts, rest };
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}

function record(kind: number, nowMicros: bigint, fields: Uint8Array): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32LE(9 + fields.length);
  head.writeUInt8(kind, 4);
  head.writeBigUInt64LE(nowMicros, 5);
  return Buffer.concat([head, fields]);
}
