import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { deleteSession, insertSession } from "../storage/sessions.ts";
import { addressOf } from "./address.ts";
import { isPassword } from "./admin-password.ts";
import { hashSecret } from "./api-key.ts";
import type { Audit } from "./audit.ts";
import { checkOrigin, SESSION_COOKIE } from "./gate.ts";
import { LoginLimit } from "./login-limit.ts";
import { networkOf } from "./network.ts";

const SESSION_SECONDS = 30 * 24 * 60 * 60;
/** There is one password, and one who has it. */
const ADMIN = "admin";

export interface LogInRefusal {
  readonly refusal: Refusal;
  /** Until the next try counts. */
  readonly waitSeconds: number;
}

/** A password for a cookie: the same limit and log whichever way it is asked for. */
export class LogIn {
  readonly #ports: AppPorts;
  readonly #audit: Audit;
  readonly #limit: LoginLimit;

  constructor(ports: AppPorts, audit: Audit) {
    this.#ports = ports;
    this.#audit = audit;
    this.#limit = new LoginLimit(ports.clock);
  }

  /** Undefined when it was the password: the answer then carries the cookie. */
  async enter(c: Context, password: string): Promise<LogInRefusal | undefined> {
    const hash = this.#ports.settings.adminPasswordHash;
    if (hash === undefined) return refuse(refused("not_found", "this server is open"));
    // Another site's page could use up the tries of whoever looks at it.
    const foreign = checkOrigin(this.#ports, c);
    if (foreign !== undefined) return refuse(foreign);
    const address = addressOf(c);
    const network = networkOf(address);
    const waitMs = this.#limit.waitMs(network);
    if (waitMs > 0) return refuse(refused("too_many_tries"), Math.ceil(waitMs / 1000));
    if (!isPassword(password, hash)) {
      this.#limit.failed(network);
      await this.#audit.note({ who: "nobody", action: "log_in_refused", target: address });
      return refuse(refused("password_wrong"));
    }
    this.#limit.succeeded(network);
    await this.#openSession(c);
    await this.#audit.note({ who: ADMIN, action: "log_in", target: address });
    return undefined;
  }

  async leave(c: Context): Promise<void> {
    const token = getCookie(c, SESSION_COOKIE);
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
    if (token === undefined) return;
    const who = await deleteSession(this.#ports.sql, hashSecret(token));
    if (who === undefined) return;
    await this.#audit.note({ who, action: "log_out", target: addressOf(c) });
  }

  async #openSession(c: Context): Promise<void> {
    const { sql, clock, random, settings } = this.#ports;
    const token = Buffer.from(random.bytes(32)).toString("base64url");
    const nowMs = clock.nowMs();
    const expiresAtMs = nowMs + SESSION_SECONDS * 1000;
    await insertSession(sql, { hash: hashSecret(token), name: ADMIN, nowMs, expiresAtMs });
    setCookie(c, SESSION_COOKIE, token, {
      ...{ httpOnly: true, sameSite: "Strict", path: "/", maxAge: SESSION_SECONDS },
      secure: settings.publicUrl.startsWith("https:"),
    });
  }
}

function refuse(refusal: Refusal, waitSeconds = 0): LogInRefusal {
  return { refusal, waitSeconds };
}
