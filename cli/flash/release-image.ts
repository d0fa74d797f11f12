import { parseRecord } from "../../protocol/json.ts";
import { type ImageFile, readImageBytes } from "../firmware/inspect.ts";
import type { Outcome } from "../outcome.ts";
import { hintsOf, noServer, refusedBy, unreachable } from "../server/call.ts";
import { findTarget, type ServerOptions } from "../server/target.ts";

/** 4 MB at 16 kB/s. */
const TIMEOUT_MS = 240_000;

/** The image that the server has published as this version. */
export async function fetchRelease(
  version: string,
  options: ServerOptions,
): Promise<Outcome<ImageFile>> {
  const target = await findTarget(options);
  if (target.kind === "failed") return target;
  const { base, credentials } = target.value;
  const path = `v1/releases/${encodeURIComponent(version)}/image`;
  const url = new URL(path, base);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  // A key is for the server that was named, and not for whoever that one names.
  const request = { headers: credentials, signal, redirect: "manual" as const };
  const bytes = await fetch(url, request)
    .then(async (answer) => ({ answer, body: new Uint8Array(await answer.arrayBuffer()) }))
    .catch((error: Error) => error);
  if (bytes instanceof Error) return unreachable(base, bytes, TIMEOUT_MS);
  const { answer, body } = bytes;
  if (answer.ok) return readImageBytes(`release ${version}`, body);
  const said = parseRecord(Buffer.from(body).toString());
  return said === undefined ? noServer(base, answer) : refusedBy(base, answer, said, hintsOf(path));
}
