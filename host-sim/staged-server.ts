import type { InProcessServer } from "./network/in-process.ts";

/** What a viewer in the rooms heard, and when. */
export interface Heard {
  readonly atMs: number;
  readonly message: Record<string, unknown>;
}

/** The server as a stage has it: its front door, what its rooms said, and its end. */
export interface StagedServer extends InProcessServer {
  /** A request of somebody beside the feeders: an operator, the page. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  readonly heard: readonly Heard[];
  /** An operator publishes on its broker. */
  say(topic: string, text: string): Promise<void>;
  /** What its broker retains, by topic. */
  readonly retained: ReadonlyMap<string, string>;
  /** Storage operations so far, of all its processes. */
  readonly operations: number;
  /** `power`: what was not synced is gone; `killed`: the machine lives on. */
  crash(how: "killed" | "power"): void;
  /** The process ends in its n-th storage operation from now. */
  crashAt(operation: number, when: "before" | "after", how: "killed" | "power"): void;
  /** Told once a crash, as an event of the world. */
  onCrash: () => void;
  /** The process again, on what was durable. */
  start(): Promise<void>;
  /** Of its wall clock. */
  stepClock(byMs: number): void;
}
