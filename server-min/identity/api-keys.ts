import type { Context } from "hono";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { insertApiKey, revokeApiKey } from "../storage/api-keys.ts";
import { hashSecret, makeApiKey } from "./api-key.ts";
import type { Audit } from "./audit.ts";

export const API_KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$/;

/** Who else is in the audit log: a key of that name would hide behind them. */
const NAMES_OF_OTHERS = /^(admin|anyone|nobody|starter)$/i;

export interface MadeApiKey {
  readonly id: string;
  readonly name: string;
  /** Told now and never again. */
  readonly key: string;
}

/** Keys for programs of the operator. */
export class ApiKeys {
  readonly #ports: AppPorts;
  readonly #audit: Audit;

  constructor(ports: AppPorts, audit: Audit) {
    this.#ports = ports;
    this.#audit = audit;
  }

  async make(c: Context, name: string): Promise<MadeApiKey | Refusal> {
    const { sql, clock, random } = this.#ports;
    if (NAMES_OF_OTHERS.test(name)) return refused("name_taken", "the audit log has others so");
    const { id, key } = makeApiKey(random);
    const made = await insertApiKey(sql, {
      ...{ id, name, hash: hashSecret(key), nowMs: clock.nowMs() },
    });
    if (!made) return refused("name_taken", "a key of this name exists");
    await this.#audit.did(c, { action: "make_api_key", target: id, after: { name } });
    return { id, name, key };
  }

  /** Undefined when it is done. */
  async revoke(c: Context, id: string): Promise<Refusal | undefined> {
    const { sql, clock } = this.#ports;
    const name = await revokeApiKey(sql, id, clock.nowMs());
    if (name === undefined) return refused("not_found");
    await this.#audit.did(c, { action: "revoke_api_key", target: id, before: { name } });
    return undefined;
  }
}
