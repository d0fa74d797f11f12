import { isIPv4 } from "node:net";
import { type Command, InvalidArgumentError } from "commander";
import { pathName, wholeNumber } from "../option-values.ts";
import { printOutcome } from "../outcome.ts";
import { isHostName } from "./hosts.ts";
import type { CertOptions, MadeCertificate } from "./make-certificate.ts";

/** What browsers take of a public authority; a longer one is only forgotten for longer. */
const DAYS_MAX = 397;

export function addCertCommand(program: Command): void {
  program
    .command("cert")
    .description("make an authority of one's own, once, and a certificate for this server")
    .option("--name <name>", "a name of the server; more than one with more --name", name)
    .option("--ip <address>", "an IPv4 address of it", address)
    .option("--out <folder>", "where keys and certificates are kept", pathName, "./certs")
    .option("--days <days>", "how long the server's is valid", days, DAYS_MAX)
    .option("--renew", "a new certificate by the authority that is there")
    .option("--json", "print one JSON value")
    .action(async (options: CertOptions) => {
      const { makeCertificate } = await import("./make-certificate.ts");
      printOutcome(await makeCertificate(options), options.json, madeText);
    });
}

function madeText(made: MadeCertificate): string {
  const { ca, certificate, key } = made;
  process.stderr.write(
    `firmware: npm run -s skyfeeder -- firmware build --ca ${ca}\n` +
      `server:   npm start -- --tls-cert ${certificate} --tls-key ${key}\n`,
  );
  return [
    `authority       ${ca}${made.caIsNew ? ", new" : ""}, until ${made.caUntil}`,
    `certificate     ${certificate}, until ${made.until}`,
    `for             ${made.hosts.join(", ")}`,
    `key             ${key}`,
    `pin-sha256      ${made.pin}`,
    `caCertificates  ${made.caCertificates}`,
  ].join("\n");
}

function name(text: string, before: readonly string[] = []): readonly string[] {
  const lower = text.toLowerCase();
  if (isHostName(lower) && !isIPv4(lower)) return [...before, lower];
  throw new InvalidArgumentError("Give a name like feeder.local, without https:// or a port.");
}

function address(text: string, before: readonly string[] = []): readonly string[] {
  if (isIPv4(text)) return [...before, text];
  throw new InvalidArgumentError("Give an IPv4 address: feeders have no other.");
}

function days(text: string): number {
  return wholeNumber(text, 1, DAYS_MAX);
}
