import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { listPorts } from "./known-ports.ts";
import { permissionHint } from "./local-line.ts";
import { rememberedPort } from "./port-memory.ts";
import { isRfc2217 } from "./rfc2217-line.ts";

/** The one that was named, else the one used last if it is there, else the only one there is. */
export async function choosePort(named: string | undefined): Promise<Outcome<string>> {
  if (named !== undefined) return done(named);
  const ports = await listPorts();
  const last = await rememberedPort();
  if (last !== undefined && (isRfc2217(last) || ports.some(({ path }) => path === last))) {
    return done(last);
  }
  const [only] = ports;
  if (only === undefined) {
    const looked = last === undefined ? "" : `, and ${last}, used last, is gone`;
    const message = `no board is plugged in: there is no USB serial port${looked}`;
    const hint = "plug it in with a cable that carries data; name another with --port";
    return failed("port_not_found", message, hint, EXIT.notFound);
  }
  if (ports.length > 1) {
    const names = ports.map(({ path }) => path).join(", ");
    const message = `there are several ports: ${names}`;
    return failed("port_ambiguous", message, `--port ${only.path}`, EXIT.usage);
  }
  if (only.mayBeUsed) return done(only.path);
  return failed("port_forbidden", `you may not use ${only.path}`, permissionHint(), EXIT.missing);
}
