import type { Engine } from "./guest-port.ts";
import { prepareImage, type XsRoom } from "./xs-image.ts";
import { XsMachine } from "./xs-machine.ts";

/** The firmware's budget, and as much again as its classes and functions take, which a board has in flash. */
const ROOM: XsRoom = { slots: 20_480, chunkBytes: 262_144 };

/** Runs a bundle in XS itself, in a heap that does not grow. */
export const xsEngine: Engine = (javascript, host) => {
  const { path } = prepareImage(javascript, host.operations, ROOM);
  const machine = new XsMachine(path, host);
  machine.start();
  return machine;
};
