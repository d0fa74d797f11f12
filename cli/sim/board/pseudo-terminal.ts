import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";

/** Holds the other end open too, or the first program that closes the terminal would end it. */
const PYTHON = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
sys.stderr.write("PTY is " + os.ttyname(slave) + "\\n")
sys.stderr.flush()
while True:
    ready, _, _ = select.select([master, 0], [], [])
    for source in ready:
        data = os.read(source, 4096)
        if not data: sys.exit()
        os.write(1 if source == master else master, data)
`;

/** Who can make one, in this order; Node cannot. */
const MAKERS: readonly (readonly [command: string, args: readonly string[]])[] = [
  ["socat", ["-d", "-d", "PTY,rawer", "STDIO"]],
  ["python3", ["-c", PYTHON]],
];

const NAMED = /PTY is (\S+)\n/;
const SAID_CHARACTERS_MAX = 1_000;

/** The board's UART0 as a terminal of this machine: bytes alone, no reset lines, no rate. */
export async function openPseudoTerminal(bridge: SerialBridge): Promise<Outcome<string>> {
  for (const [command, args] of MAKERS) {
    const child = spawn(command, args);
    const started = await new Promise<boolean>((resolve) => {
      child.once("spawn", () => resolve(true));
      child.once("error", () => resolve(false));
    });
    const path = started ? await named(child) : undefined;
    if (path === undefined) continue;
    bridge.hear = (bytes) => child.stdin.write(bytes);
    child.stdout.on("data", (bytes: Buffer) => bridge.write(bytes));
    return done(path);
  }
  const message = "nothing here can make a pseudo-terminal";
  const hint = "apt install socat, or python3; or use --rfc2217 4000";
  return failed("pty_unavailable", message, hint, EXIT.missing);
}

function named(child: ChildProcessWithoutNullStreams): Promise<string | undefined> {
  child.stdin.on("error", () => {});
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-SAID_CHARACTERS_MAX);
    const [, path] = NAMED.exec(said) ?? [];
    if (path !== undefined) resolve(path);
  });
  child.once("close", () => resolve(undefined));
  return promise;
}
