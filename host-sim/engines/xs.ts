import { FirmwareDeath } from "./firmware-death.ts";
import type { Engine, EngineHost } from "./guest-port.ts";
import { prepareImage, type XsRoom } from "./xs-image.ts";
import { XsMachine } from "./xs-machine.ts";

/** The firmware's budget, and as much again as its classes and functions take, which a board has in flash. */
const ROOM: XsRoom = { slots: 24_576, chunkBytes: 262_144 };

/** Runs a bundle in XS itself, in a heap that does not grow. */
export const xsEngine: Engine = (javascript, host) => {
  const machine = build(javascript, host);
  machine.start();
  return machine;
};

/** Nothing of the firmware runs yet: for want of files, pipes or processes there is no engine. */
function build(javascript: string, host: EngineHost): XsMachine {
  try {
    return new XsMachine(prepareImage(javascript, host.operations, ROOM).path, host);
  } catch (error) {
    throw isOfSystem(error) ? new FirmwareDeath("lost", error.message.trim()) : error;
  }
}

function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && ("syscall" in error || error.message.startsWith("mkfifo:"));
}
