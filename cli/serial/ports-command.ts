import { EXIT } from "../failure.ts";
import { done, failed, type Outcome, printOutcome } from "../outcome.ts";
import { type KnownPort, listPorts } from "./known-ports.ts";
import { permissionHint } from "./local-line.ts";
import { rememberedPort } from "./port-memory.ts";

export interface PortsOptions {
  readonly json?: boolean;
}

interface PortList {
  readonly ports: readonly (KnownPort & { readonly usedLast: boolean })[];
  /** Used last; also where it is gone. */
  readonly remembered: string | null;
}

export async function runPorts({ json }: PortsOptions): Promise<void> {
  printOutcome(await findPorts(), json, portsText);
}

async function findPorts(): Promise<Outcome<PortList>> {
  const [found, last] = await Promise.all([listPorts(), rememberedPort()]);
  const ports = found.map((port) => ({ ...port, usedLast: port.path === last }));
  if (ports.length > 0) return done({ ports, remembered: last ?? null });
  const message = "there is no USB serial port";
  const hint = "plug the board in with a cable that carries data; many only charge";
  return failed("port_not_found", message, hint, EXIT.notFound);
}

function portsText({ ports }: PortList): string {
  const lines = ports.map(({ path, adapter, vendorId, productId, mayBeUsed, usedLast }) => {
    const id = vendorId === null ? "" : ` ${vendorId}:${productId ?? "?"}`;
    const what = `${adapter ?? "unknown adapter"}${id}`;
    const notes = [usedLast ? "used last" : "", mayBeUsed ? "" : "you may not use it"];
    return [path, what, ...notes.filter((note) => note !== "")].join("  ");
  });
  const isForbidden = ports.some(({ mayBeUsed }) => !mayBeUsed);
  if (isForbidden) lines.push(`try: ${permissionHint()}`);
  return lines.join("\n");
}
