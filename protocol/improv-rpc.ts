/** What Improv's packets say: states, errors, commands and their results. */
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";
import { isPassphrase, isSsid, type WifiCredentials } from "./wifi-credentials.ts";

export const IMPROV_STATE = { ready: 2, provisioning: 3, provisioned: 4 } as const;

export const IMPROV_ERROR = {
  none: 0,
  invalidRpc: 1,
  unknownCommand: 2,
  unableToConnect: 3,
  badHostname: 5,
  unknown: 0xff,
  /** Ours, to a command of ours: no other server while an update shows that it works with this one. */
  updateOnTrial: 0xf0,
} as const;

export const IMPROV_COMMAND = {
  wifi: 0x01,
  state: 0x02,
  info: 0x03,
  scan: 0x04,
  hostname: 0x05,
  deviceName: 0x06,
  networkState: 0x07,
  /** Ours: empty asks for the server's URL, text sets it. */
  serverUrl: 0xf0,
} as const;

export interface ImprovRpc {
  readonly command: number;
  readonly payload: Uint8Array;
}

/** Undefined where its length is not what it says. */
export function parseImprovRpc(data: Uint8Array): ImprovRpc | undefined {
  const [command, payloadBytes] = data;
  if (command === undefined || payloadBytes !== data.length - 2) return undefined;
  return { command, payload: data.subarray(2) };
}

export function encodeImprovRpc(command: number, payload: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([command, payload.length, ...Array.from(payload)]);
}

export function encodeImprovWifi({ ssid, password }: WifiCredentials): Uint8Array {
  return Uint8Array.from([ssid, password].flatMap(lengthAndBytes));
}

/** Undefined for what no network can be joined with. */
export function parseImprovWifi(payload: Uint8Array): WifiCredentials | undefined {
  const [ssid, password, ...rest] = readTexts(payload) ?? [];
  if (ssid === undefined || password === undefined || rest.length > 0) return undefined;
  return isSsid(ssid) && isPassphrase(password) ? { ssid, password } : undefined;
}

/** The data of a result; each text has 255 bytes at most. */
export function encodeImprovResult(command: number, texts: readonly string[]): Uint8Array {
  const bytes = texts.flatMap(lengthAndBytes);
  return Uint8Array.from([command, bytes.length, ...bytes]);
}

export interface ImprovResult {
  readonly command: number;
  readonly texts: readonly string[];
}

export function parseImprovResult(data: Uint8Array): ImprovResult | undefined {
  const rpc = parseImprovRpc(data);
  const texts = rpc === undefined ? undefined : readTexts(rpc.payload);
  return rpc === undefined || texts === undefined ? undefined : { command: rpc.command, texts };
}

function lengthAndBytes(text: string): readonly number[] {
  const bytes = encodeUtf8(text);
  return [bytes.length, ...bytes];
}

function readTexts(bytes: Uint8Array): readonly string[] | undefined {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + (bytes[at] ?? 0);
    const text = end > bytes.length ? undefined : decodeUtf8(bytes.subarray(at + 1, end));
    if (text === undefined) return undefined;
    texts.push(text);
    at = end;
  }
  return texts;
}
