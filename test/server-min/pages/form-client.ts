import type { TestServer } from "../server-fixture.ts";

export interface PageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly location: string | null;
  readonly text: string;
}

const FROM = { address: "192.0.2.1" };

/** A page as a browser asks for it. */
export async function get(
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<PageAnswer> {
  return read(await server.app.request(path, { headers }, FROM));
}

/** What a browser sends for a filled-in form. */
export async function sendForm(
  server: TestServer,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<PageAnswer> {
  const form = { "Content-Type": "application/x-www-form-urlencoded", ...headers };
  const body = new URLSearchParams(fields).toString();
  return read(await server.app.request(path, { method: "POST", headers: form, body }, FROM));
}

async function read(answer: Response): Promise<PageAnswer> {
  const { status, headers } = answer;
  return { status, headers, location: headers.get("Location"), text: await answer.text() };
}
