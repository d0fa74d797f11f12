import {
  buildFirmware,
  createUpdateWorld,
  imageOf,
  type UpdateWorld,
} from "../../cli/sim/update-world.ts";
import type { Firmware } from "../../host-sim/board/board-options.ts";
import type { FirmwareOptions } from "../../host-sim/firmware.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const OLD = "1.0.0";
export const NEW = "1.1.0";

const built = new Map<string, Promise<Firmware>>();

/** The same firmware is bundled once a test file. */
export function firmware(version: string, options: FirmwareOptions = {}): Promise<Firmware> {
  const key = JSON.stringify([version, options]);
  const known = built.get(key) ?? buildFirmware({ version, ...options });
  built.set(key, known);
  return known;
}

type WorldOptions = Partial<Parameters<typeof createUpdateWorld>[0]>;

/** A feeder with the old firmware, and a server that has the new one. */
export async function offeredUpdate(
  options: WorldOptions = {},
  image?: Uint8Array<ArrayBuffer>,
): Promise<UpdateWorld> {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD), ...options });
  const published = await system.publish(image ?? imageOf(await firmware(NEW)));
  if (published.status !== 201) throw new Error(JSON.stringify(published));
  return system;
}

/** Runs on, a minute at a time, until it is so; false when it never was. */
export async function until(
  { world }: UpdateWorld,
  isSo: () => boolean | Promise<boolean>,
  limitMs = 2 * HOUR_MS,
): Promise<boolean> {
  const endMs = world.nowMs + limitMs;
  while (world.nowMs < endMs) {
    await world.run(Math.min(endMs, world.nowMs + MINUTE_MS));
    if (await isSo()) return true;
  }
  return false;
}

export async function runs({ status }: UpdateWorld, version: string): Promise<boolean> {
  const told = await status();
  return told.version === version && told.confirmed === true;
}

/** Results the room heard, each once: "rolled_back crash". */
export function results(system: UpdateWorld): string[] {
  const ends = ["confirmed", "rolled_back", "failed", "refused"];
  return system
    .stages()
    .filter(({ status }) => ends.includes(String(status)))
    .map(({ status, reason }) => [status, reason].filter(Boolean).join(" "));
}

/** JavaScript before the firmware that does `then` at its first call of the board by that name. */
export function spoil(call: string, then: string): FirmwareOptions {
  const prelude = `{
    const { call } = __board;
    __board.call = (operation, args) => {
      if (operation === ${JSON.stringify(call)}) { ${then} }
      return call(operation, args);
    };
  }`;
  return { prelude };
}
