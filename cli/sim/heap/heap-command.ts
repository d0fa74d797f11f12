import type { Command } from "commander";
import { printOutcome } from "../../outcome.ts";
import type { HeapOptions } from "./heap.ts";

export function addHeapCommand(sim: Command): void {
  sim
    .command("heap")
    .description("what the firmware takes of the heap of XS in a day, in bytes of an ESP32")
    .option("--check", "fail where the peak has grown by more than 5 % over docs/heap.json")
    .option("--json", "print one JSON value")
    .action(async (options: HeapOptions) => {
      const { heapText, measureHeap } = await import("./heap.ts");
      printOutcome(await measureHeap(options), options.json, heapText);
    });
}
