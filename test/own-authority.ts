import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { issueAuthority, issueServer, type Validity } from "../cli/cert/certificate.ts";
import { pemOf } from "../cli/cert/certificate-file.ts";

const MS_PER_DAY = 86_400_000;

export function daysFromNow(from: number, to: number): Validity {
  const at = (days: number) => new Date(Date.now() + days * MS_PER_DAY);
  return { notBefore: at(from), notAfter: at(to) };
}

/** Somebody who issues certificates, good and bad ones, into a folder. */
export class OwnAuthority {
  readonly name: string;
  readonly caFile: string;
  readonly keyFile: string;
  readonly #folder: string;
  readonly #key = newKey();
  readonly #serverKey = newKey();
  readonly #pem: string;

  constructor(folder: string, name: string, validity = daysFromNow(-9, 3_650)) {
    this.name = name;
    this.#folder = folder;
    this.#pem = pemOf(issueAuthority({ name, key: this.#key }, validity));
    this.caFile = join(folder, `${name}.pem`);
    this.keyFile = join(folder, `${name}-server-key.pem`);
  }

  async write(): Promise<this> {
    await writeFile(this.caFile, this.#pem);
    await writeFile(this.keyFile, this.#serverKey.export({ type: "pkcs8", format: "pem" }));
    return this;
  }

  /** Answers what a server is started with. */
  async issue(
    hosts: readonly [string, ...string[]] = ["127.0.0.1"],
    validity = daysFromNow(-10, 300),
    withAuthority = true,
  ) {
    const { name } = this;
    const publicKey = createPublicKey(this.#serverKey);
    const leaf = pemOf(issueServer({ name, key: this.#key }, publicKey, hosts, validity));
    const certFile = join(this.#folder, `${name}-server.pem`);
    await writeFile(certFile, withAuthority ? leaf + this.#pem : leaf);
    return { certFile, keyFile: this.keyFile };
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}
