import { safeText } from "../monitor/safe-text.ts";
import type { Outcome } from "../outcome.ts";
import { choosePort } from "../serial/choose-port.ts";
import { openLine } from "../serial/open-line.ts";
import { rememberPort } from "../serial/port-memory.ts";
import { type ProvisionOptions, readPassword, wantedByFlags } from "./flags.ts";
import { type Provisioned, provision, type Wanted } from "./provision.ts";

/** Of the firmware's console. */
const BITS_PER_SECOND = 115_200;

export async function runProvision(options: ProvisionOptions): Promise<Outcome<Provisioned>> {
  const password = await readPassword(options.passwordFile);
  if (password.kind === "failed") return password;
  const wanted = await wantedFrom(options, password.value);
  if (wanted.kind === "failed") return wanted;
  const port = await choosePort(options.port);
  if (port.kind === "failed") return port;
  const line = await openLine(port.value, BITS_PER_SECOND);
  if (line.kind === "failed") return line;
  const outcome = await provision(line.value, wanted.value, (text) =>
    // A network's name is what anybody near says that it is.
    process.stderr.write(`${safeText(text)}\n`),
  );
  await line.value.close();
  if (outcome.kind === "done") await rememberPort(port.value);
  return outcome;
}

async function wantedFrom(
  options: ProvisionOptions,
  password: string | undefined,
): Promise<Outcome<Wanted>> {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!isTerminal) return wantedByFlags(options, password);
  const { wantedByPrompts } = await import("./prompts.ts");
  return { kind: "done", value: wantedByPrompts(options, password) };
}
