import { isRecord, parseRecord } from "../../protocol/json.ts";
import { EXIT, type Failure } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** A server, and what proves to it who asks. */
export interface Target {
  readonly base: URL;
  readonly credentials: Readonly<Record<string, string>>;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the server's own address, without a slash before it. */
  readonly path: string;
  readonly body?: Fields;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly headers: Headers;
  /** Empty where the server had nothing to say. */
  readonly body: Fields;
}

const TIMEOUT_MS = 15_000;
const COMMAND = "npm run -s skyfeeder --";

export function parseServer(text: string): Outcome<URL> {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) {
    return done(new URL(`${url.origin}${url.pathname.replace(/\/*$/, "/")}`));
  }
  const message = `"${text}" is no http or https address`;
  return failed("bad_server_url", message, "--server http://localhost:8080", EXIT.usage);
}

export async function callServer(target: Target, call: Call): Promise<Outcome<Answered>> {
  const { base, credentials } = target;
  const { method, path, body, headers } = call;
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  // A key or a password is for the server that was named, and not for whoever that one names.
  const request = {
    method,
    headers: { ...credentials, ...headers },
    signal,
    redirect: "manual" as const,
    ...json,
  };
  const answer = await fetch(new URL(path, base), request).catch((error: Error) => error);
  if (answer instanceof Error) return unreachable(base, answer, TIMEOUT_MS);
  const text = await answer.text().catch(() => "");
  const said = answer.status === 204 ? {} : parseRecord(text);
  if (said === undefined) return noServer(base, answer);
  if (!answer.ok) return refusedBy(base, answer, said, hintsOf(path));
  return done({ headers: answer.headers, body: said });
}

/** What a wrong name is refused as, and the list that has the right ones. */
const LISTS = [
  ["v1/devices/", "devices ls", ["not_found", "invalid_device_id"]],
  ["v1/enrolments/", "devices pending", ["not_found", "invalid_request"]],
  ["v1/api-keys/", "keys ls", ["not_found"]],
  ["v1/releases/", "firmware ls", ["not_found"]],
] as const;

/** Where the right name of what was asked for is to be found, by the server's code. */
export function hintsOf(path: string): Readonly<Record<string, string>> {
  const [, list, codes = []] = LISTS.find(([start]) => path.startsWith(start)) ?? [];
  return Object.fromEntries(codes.map((code) => [code, `see the right one: ${COMMAND} ${list}`]));
}

export function unreachable({ origin }: URL, error: Error, timeoutMs: number): Failed {
  if (error.name === "TimeoutError") {
    const message = `${origin} did not answer within ${timeoutMs / 1000} s`;
    return failed("timed_out", message, "try again on a faster connection", EXIT.timedOut);
  }
  const { cause } = error;
  const why = cause instanceof Error ? cause.message : error.message;
  const hint = "start it with npm start, or name it with --server URL";
  return failed("server_unreachable", `no server at ${origin}: ${why}`, hint, EXIT.failed);
}

export function noServer({ origin }: URL, { status, headers }: Response): Failed {
  const place = headers.get("Location");
  const message = `${origin} answered ${status}, but not as a SkyFeeder server`;
  const hint = place === null ? "check --server" : `--server ${place}`;
  return failed("unexpected_answer", message, hint, EXIT.failed);
}

/** The next step, by the server's code; SERVER stands for its address. */
const HINTS: Readonly<Record<string, string>> = {
  token_missing: `${COMMAND} login --server SERVER`,
  token_invalid: `the API key is not, or no longer, good: ${COMMAND} login --server SERVER`,
  token_revoked: `${COMMAND} login --server SERVER`,
  password_wrong: `on the server's machine: ${COMMAND} password`,
  name_taken: "choose another name",
  config_changed: "somebody changed it meanwhile: look with config get, and try again",
};

/** What a command can say better than its server; the rest keeps the general words. */
export function refusedBy(
  base: URL,
  answer: Response,
  problem: Fields,
  hints: Readonly<Record<string, string>> = {},
): Failed {
  const { code, title, detail, devices } = problem;
  if (typeof code !== "string") return noServer(base, answer);
  const names = Array.isArray(devices) ? devices.join(", ") : undefined;
  const message = [title, detail, names].filter((part) => part !== undefined).join(": ");
  const wait = answer.headers.get("Retry-After");
  const known = hints[code] ?? HINTS[code]?.replace("SERVER", base.href);
  const hint = known ?? (wait === null ? "look at what the server says" : `wait ${wait} s`);
  return failed(code, message, hint, exitCodeOf(answer.status, code));
}

function exitCodeOf(status: number, code: string): Failure["exitCode"] {
  if (status === 404) return EXIT.notFound;
  return status === 401 && code !== "password_wrong" ? EXIT.missing : EXIT.failed;
}

/** The records of a list in an answer. */
export function listIn(body: Fields, name: string): readonly Fields[] {
  const list = body[name];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
