const PASSWORD = "robins only";
/** Made once by hashPassword: in each world it would be 50 ms more. */
export const PASSWORD_HASH =
  "scrypt:BwcHBwcHBwcHBwcHBwcHBw:VLZTZgSqGCt3IkhTZoL2LLCAXXQQss8sw6PNBQ63sCw";

type Fetch = (request: Request) => Promise<Response>;

/** Whoever runs the fleet on a server that trusts nobody: logs in once, and has a key of the API from then on. */
export class WorldOperator {
  readonly #url: string;
  readonly #fetch: Fetch;
  #key: string | undefined;

  constructor(url: string, fetch: Fetch) {
    this.#url = url;
    this.#fetch = fetch;
  }

  async ask(request: Request): Promise<Response> {
    this.#key ??= await this.#makeKey();
    request.headers.set("X-API-Key", this.#key);
    return this.#fetch(request);
  }

  async #makeKey(): Promise<string> {
    const session = await this.#post("/v1/session", { password: PASSWORD });
    const [Cookie = ""] = session.headers.get("Set-Cookie")?.split(";", 1) ?? [];
    const made = await this.#post("/v1/api-keys", { name: "world" }, { Cookie });
    const { key } = (await made.json()) as { key: string };
    return key;
  }

  async #post(path: string, body: object, headers = {}): Promise<Response> {
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await this.#fetch(new Request(`${this.#url}${path}`, init));
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return answer;
  }
}
