import { readPartitions } from "../board/bootloader.ts";
import { type Flash, type FlashOperation, SECTOR_BYTES } from "../board/flash.ts";
import type { Partition } from "../board/partition-table.ts";
import type { World } from "../world.ts";
import { type Binned, BinnedSum } from "./binned-sum.ts";

/** What the chip did. */
export interface FlashTimeline {
  readonly erases: Binned;
  readonly programs: Binned;
  readonly partitions: readonly PartitionWear[];
}

interface PartitionWear {
  readonly partition: string;
  readonly erases: number;
  readonly programs: number;
}

/** Counts the operations of one chip, by partition. */
export class FlashRecorder {
  readonly #erases = new BinnedSum();
  readonly #programs = new BinnedSum();
  readonly #counts = new Map<string, { erase: number; program: number }>();
  readonly #partitions: readonly Partition[];

  constructor(world: World, flash: Flash) {
    this.#partitions = readPartitions(flash);
    flash.watch((operation) => {
      const over = operation.kind === "erase" ? this.#erases : this.#programs;
      over.add(world.nowMs);
      this.#count(operation);
    });
  }

  timeline(): FlashTimeline {
    const partitions = [...this.#counts].map(([partition, { erase, program }]) => ({
      partition,
      erases: erase,
      programs: program,
    }));
    return { erases: this.#erases.binned(), programs: this.#programs.binned(), partitions };
  }

  #count(operation: FlashOperation): void {
    const partition = this.#partitionOf(operation);
    const count = this.#counts.get(partition) ?? { erase: 0, program: 0 };
    count[operation.kind]++;
    this.#counts.set(partition, count);
  }

  #partitionOf(operation: FlashOperation): string {
    const at = operation.kind === "erase" ? operation.sector * SECTOR_BYTES : operation.offsetBytes;
    const partition = this.#partitions.find(
      ({ offsetBytes, sizeBytes }) => at >= offsetBytes && at < offsetBytes + sizeBytes,
    );
    return partition?.label ?? "outside the partitions";
  }
}
