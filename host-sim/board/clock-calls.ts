import { createHash, type Hash } from "node:crypto";
import type { PlannedEvent } from "../world.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";

/** Timers, ticks, and the native code that needs nothing of the board. */
export function clockCalls(power: PowerCycle): BoardCalls {
  const timers = new Map<unknown, PlannedEvent>();
  return {
    "timer.set": (target, delayMs) => {
      const elapsed = power.after(Number(delayMs), () => {
        timers.delete(target);
        power.emit(Number(target), "elapsed");
      });
      timers.set(target, elapsed);
    },
    "timer.clear": (target) => {
      timers.get(target)?.cancel();
      timers.delete(target);
    },
    "time.set": (epochSeconds) => power.setWallClock(Number(epochSeconds) * 1_000),
    "time.ticks": () => power.ticksAtStart + Math.floor(power.uptimeUs() / 1000),
  };
}

export function digestCalls(): BoardCalls {
  const digests = new Map<unknown, Hash>();
  let next = 1;
  return {
    "digest.open": () => {
      digests.set(next, createHash("sha256"));
      return next++;
    },
    "digest.write": (digest, bytes) => {
      digests.get(digest)?.update(bytes as Uint8Array);
    },
    "digest.close": (digest) => {
      const sum = digests.get(digest)?.digest();
      digests.delete(digest);
      return sum;
    },
  };
}

export function textCalls(): BoardCalls {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return {
    "utf8.decode": (bytes) => decoder.decode(bytes as Uint8Array),
    "utf8.encode": (text) => encoder.encode(String(text)),
  };
}
