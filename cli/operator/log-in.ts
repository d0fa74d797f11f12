import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome, printOutcome } from "../outcome.ts";
import { callServer, parseServer, type Target } from "../server/call.ts";
import {
  type Credentials,
  credentialsFile,
  readCredentials,
  writeCredentials,
} from "../server/credentials.ts";
import { bearer, type ServerOptions } from "../server/target.ts";
import { readSecret } from "./typed-secret.ts";

interface LoggedIn {
  readonly server: string;
  /** Of the key, as `keys ls` shows it. */
  readonly name: string;
  readonly file: string;
}

interface LoggedOut {
  readonly server: string;
}

export async function runLogIn(
  options: ServerOptions & { readonly stdin?: boolean },
): Promise<void> {
  printOutcome(
    await logIn(options),
    options.json,
    ({ server, name, file }) => `logged in to ${server}; its key, ${name}, is kept in ${file}`,
  );
}

export async function runLogOut(options: ServerOptions): Promise<void> {
  printOutcome(await logOut(options), options.json, ({ server }) => `logged out of ${server}`);
}

async function logIn(
  options: ServerOptions & { readonly stdin?: boolean },
): Promise<Outcome<LoggedIn>> {
  const base = parseServer(options.server);
  if (base.kind === "failed") return base;
  const kept = await readCredentials();
  if (kept.kind === "failed") return kept;
  const password = await readSecret(`Password of ${base.value.origin}: `, options.stdin);
  if (password.kind === "failed") return password;
  const session = await openSession(base.value, password.value);
  if (session.kind === "failed") return session;
  const loggedIn = await keepKey(session.value, kept.value);
  // Whether this one session is over at once or in 30 days matters little: nobody else has it.
  await callServer(session.value, { method: "DELETE", path: "v1/session" });
  return loggedIn;
}

async function openSession(base: URL, password: string): Promise<Outcome<Target>> {
  const call = { method: "POST", path: "v1/session", body: { password } } as const;
  const answer = await callServer({ base, credentials: {} }, call);
  if (answer.kind === "failed") return answer;
  const [cookie = ""] = answer.value.headers.getSetCookie();
  return done({ base, credentials: { Cookie: cookie.split(";", 1)[0] ?? "" } });
}

async function keepKey(session: Target, kept: Credentials): Promise<Outcome<LoggedIn>> {
  const server = session.base.href;
  const name = nameOfMachine();
  const call = { method: "POST", path: "v1/api-keys", body: { name } } as const;
  const made = await callServer(session, call);
  if (made.kind === "failed") return made;
  const { id, key } = made.value.body;
  const entry = { id: String(id), key: String(key) };
  const written = await writeCredentials({ ...kept, [server]: entry });
  // A key that nobody has is one too many; so is the one of the log-in before.
  const unused = written.kind === "failed" ? entry.id : kept[server]?.id;
  if (unused !== undefined) {
    await callServer(session, { method: "DELETE", path: `v1/api-keys/${unused}` });
  }
  return written.kind === "failed" ? written : done({ server, name, file: written.value });
}

async function logOut(options: ServerOptions): Promise<Outcome<LoggedOut>> {
  const base = parseServer(options.server);
  if (base.kind === "failed") return base;
  const kept = await readCredentials();
  if (kept.kind === "failed") return kept;
  const server = base.value.href;
  const { [server]: entry, ...others } = kept.value;
  if (entry === undefined) {
    const message = `${credentialsFile()} has no key for ${server}`;
    const hint = `npm run -s skyfeeder -- login --server ${server}`;
    return failed("not_logged_in", message, hint, EXIT.notFound);
  }
  const target = { base: base.value, credentials: bearer(entry.key) };
  const call = { method: "DELETE", path: `v1/api-keys/${entry.id}` } as const;
  const revoked = await callServer(target, call);
  // A key that is void already needs only to be forgotten.
  const isVoid = revoked.kind === "done" || revoked.failure.code === "token_invalid";
  if (!isVoid) return revoked;
  const written = await writeCredentials(others);
  return written.kind === "failed" ? written : done({ server });
}

/** Machines are named alike, and a name is never used twice. */
function nameOfMachine(): string {
  const name = hostname()
    .replace(/[^A-Za-z0-9.-]/g, "-")
    .replace(/^[.-]+/, "");
  return `${name.slice(0, 48) || "computer"}-${randomBytes(3).toString("hex")}`;
}
