import type { TokenAnswer } from "../../../protocol/enrolment.ts";
import { parseRecord } from "../../../protocol/json.ts";
import { hashPassword } from "../../../server-min/identity/admin-password.ts";
import type { TestServer } from "../server-fixture.ts";
import { openServer } from "../server-fixture.ts";

export const PASSWORD = "robins at the feeder";
/** Made once: a hash is 50 ms. */
const PASSWORD_HASH = hashPassword(PASSWORD, Buffer.alloc(16, 7));

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** A server that trusts nobody; `before` is one whose database it goes on with. */
export function openClosedServer(before: Parameters<typeof openServer>[0] = {}): TestServer {
  return openServer({ ...before, adminPasswordHash: PASSWORD_HASH });
}

export interface Asking {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

/** A request as its client makes it: "POST /v1/session". */
export async function ask(
  server: Pick<TestServer, "app">,
  what: string,
  { body, token, headers = {}, address = "192.0.2.1" }: Asking = {},
): Promise<Answer> {
  const [method = "GET", path = "/"] = what.split(" ");
  const credentials = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const init = { method, headers: { ...credentials, ...headers }, ...text };
  const answer = await server.app.request(path, init, { address });
  return {
    status: answer.status,
    body: parseRecord(await answer.text()) ?? {},
    headers: answer.headers,
  };
}

/** Logs in, and answers the cookie's "name=value". */
export async function logIn(server: Pick<TestServer, "app">): Promise<string> {
  const { headers } = await ask(server, "POST /v1/session", { body: { password: PASSWORD } });
  return headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
}

export async function makeApiKey(
  server: Pick<TestServer, "app">,
  name = "doorbell",
): Promise<string> {
  const Cookie = await logIn(server);
  const { body } = await ask(server, "POST /v1/api-keys", { body: { name }, headers: { Cookie } });
  return String(body.key);
}

/** The device asks, the operator approves what it shows, the device picks its token up. */
export async function enrol(server: Pick<TestServer, "app">, deviceId: string): Promise<string> {
  const { body: shown } = await ask(server, "POST /v1/enrolment", { body: { deviceId } });
  const Cookie = await logIn(server);
  await ask(server, `POST /v1/enrolments/${shown.claimCode}/approve`, { headers: { Cookie } });
  const { deviceCode } = shown;
  const { body } = await ask(server, "POST /v1/enrolment/token", {
    body: { deviceId, deviceCode },
  });
  return String((body as Partial<TokenAnswer>).token);
}
