/** An engine that counts what the firmware takes of the heap: XS grows only where a collection left it no room. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine, EngineHost } from "./guest-port.ts";
import type { HeapWatch } from "./heap-watch.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { prepareImage, type XsImage, type XsRoom } from "./xs-image.ts";
import { XsMachine } from "./xs-machine.ts";
import { readContent, readLimits, writeLimits } from "./xs-snapshot.ts";

/** Enough for any firmware to load its modules in. */
const LOADING: XsRoom = { slots: 32_768, chunkBytes: 524_288 };
/** As little as makes XS grow by little, and not collect at each slot. */
const GROWTH = { moreSlots: 16, moreChunkBytes: 16 };

/** The call of entry.ts that starts the firmware, as esbuild writes it. */
const START = /^ {2}enter\(\(\) => \{$/m;
const HELD = "  globalThis.held = ((run) => () => enter(run))(() => {";
/**
 * It stays held: on a board the modules of the start that was not chosen, feeder or portal, are in flash and no garbage,
 * and here they would be counted as room that the firmware has won.
 *
 * What starts it: no listener of the firmware has this number.
 */
const BEGIN = 0;
const HOLDER = `"use strict";
{
  const { listen } = __board;
  __board.listen = (begin) => listen(() => {
    const dispatch = begin();
    return (target, event, args) => {
      if (target !== ${BEGIN}) return dispatch(target, event, args);
      globalThis.held();
    };
  });
}
`;

/** Without a room the heap grows as the firmware needs it. */
export function heapEngine(watch: HeapWatch, room?: XsRoom): Engine {
  const images = new Map<string, XsImage>();
  return (javascript, host) => {
    const image = images.get(javascript) ?? load(javascript, host, room);
    images.set(javascript, image);
    const call: EngineHost["call"] = (operation, args) => {
      watch.hear(operation, args);
      return host.call(operation, args);
    };
    const machine = new XsMachine(image.path, { ...host, call });
    watch.start(image.content);
    const look = (): void => {
      if (machine.isAlive && watch.wantsSample(machine.meter())) watch.take(sample(machine));
    };
    machine.dispatch(BEGIN, "begin", []);
    look();
    return {
      end: machine.end,
      dispatch: (target, event, args) => {
        machine.dispatch(target, event, args);
        look();
      },
    };
  };
}

/** A machine whose modules have run, up to the firmware's start. */
function load(javascript: string, host: EngineHost, room: XsRoom | undefined): XsImage {
  if (!START.test(javascript)) throw new Error("the start of the firmware was not found");
  const held = HOLDER + javascript.replace(START, HELD);
  const machine = new XsMachine(prepareImage(held, host.operations, LOADING).path, host);
  machine.start();
  const path = join(scratchFolder(), `loaded-${loaded++}.xs`);
  machine.writeSnapshot(path);
  machine.end();
  const snapshot = readFileSync(path);
  const content = readContent(snapshot);
  writeLimits(snapshot, {
    slots: content.slots + (room?.slots ?? GROWTH.moreSlots),
    chunkBytes: content.chunkBytes + (room?.chunkBytes ?? GROWTH.moreChunkBytes),
    moreSlots: room === undefined ? GROWTH.moreSlots : 0,
    moreChunkBytes: room === undefined ? GROWTH.moreChunkBytes : 0,
  });
  writeFileSync(path, snapshot);
  return { path, content };
}

let loaded = 0;

function sample(machine: XsMachine) {
  const path = join(scratchFolder(), "sample.xs");
  machine.writeSnapshot(path);
  const snapshot = readFileSync(path);
  return { content: readContent(snapshot), taken: readLimits(snapshot) };
}
