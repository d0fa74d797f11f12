import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import { World } from "../../../host-sim/world.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome, printOutcome } from "../../outcome.ts";
import { serveComPort } from "./com-port-server.ts";
import { readFlash, saveFlash } from "./flash-file.ts";
import { openPseudoTerminal } from "./pseudo-terminal.ts";
import { makeBoard } from "./simulated-board.ts";

export interface BoardCommandOptions {
  readonly pty?: boolean;
  /** A port of this machine; 0: any that is free. */
  readonly rfc2217?: number;
  readonly erased?: boolean;
  readonly image?: string;
  readonly flash?: string;
  readonly server: string;
  readonly deviceId: string;
  readonly json?: boolean;
}

interface ReachedBy {
  readonly deviceId: string;
  readonly rfc2217: string | null;
  readonly pty: string | null;
}

/** Prints how the board is reached, and lets it run until it is told to stop. */
export async function runBoard(options: BoardCommandOptions): Promise<void> {
  const { pty, rfc2217, flash } = options;
  if (pty !== true && rfc2217 === undefined) return print(notReached(), options);
  const chip = await readFlash(flash);
  if (chip.kind === "failed") return print(chip, options);
  const startedAtMs = Date.now();
  const world = new World({ seed: startedAtMs, pace: "real", startedAtMs });
  const board = await makeBoard(world, chip.value, options);
  if (board.kind === "failed") return print(board, options);
  const bridge = new SerialBridge(world, board.value);
  const reached = await reach(bridge, options);
  if (reached.kind === "failed") return print(reached, options);
  // Before anybody can know that it runs, and end it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => world.stop());
  print(reached, options);
  board.value.powerOn();
  await world.run(Number.POSITIVE_INFINITY);
  if (flash !== undefined) {
    const saved = await saveFlash(flash, board.value.flash);
    if (saved.kind === "failed") printOutcome(saved, options.json, () => "");
  }
  // The sockets and the terminal's process would keep it alive.
  process.exit();
}

async function reach(
  bridge: SerialBridge,
  { deviceId, pty, rfc2217 }: BoardCommandOptions,
): Promise<Outcome<ReachedBy>> {
  if (pty === true) {
    const path = await openPseudoTerminal(bridge);
    if (path.kind === "failed") return path;
    return done({ deviceId, rfc2217: null, pty: path.value });
  }
  const server = serveComPort(bridge);
  const refused = once(server, "error").then(([error]) => error as Error);
  server.listen(rfc2217, "127.0.0.1");
  const answer = await Promise.race([once(server, "listening").then(() => undefined), refused]);
  if (answer !== undefined) {
    const message = `cannot listen on port ${rfc2217}: ${answer.message}`;
    return failed("port_in_use", message, "--rfc2217 0 takes any free port", EXIT.failed);
  }
  const { port } = server.address() as AddressInfo;
  return done({ deviceId, rfc2217: `rfc2217://127.0.0.1:${port}`, pty: null });
}

function notReached() {
  const message = "say how the board's serial port is to be reached";
  return failed("usage", message, "--rfc2217 4000, or --pty", EXIT.usage);
}

function print(outcome: Outcome<ReachedBy>, { json }: BoardCommandOptions): void {
  printOutcome(outcome, json, ({ rfc2217, pty }) => rfc2217 ?? pty ?? "");
  if (outcome.kind === "failed") return;
  const limits =
    outcome.value.pty === null ? "" : "; a terminal has no reset lines, and 115200 baud";
  process.stderr.write(`${outcome.value.deviceId} runs until Ctrl-C${limits}\n`);
}
