import { type EspImage, type ImageFault, readAppImage, startsAsImage } from "./app-image.ts";
import { CHIP_FACTS } from "./chips.ts";
import {
  appPartitions,
  PARTITION_TABLE_OFFSET,
  type Partition,
  readPartitionRows,
} from "./partition-table.ts";

/** What a .bin holds: an application, as an update is, or a chip's whole flash, as a factory writes it. */
export type FirmwareFile = AppFile | MergedFile;

export interface AppFile {
  readonly kind: "app";
  readonly app: EspImage;
}

export interface MergedFile {
  readonly kind: "merged";
  /** Undefined when what stands in its place is none. */
  readonly bootloader: EspImage | undefined;
  readonly partitions: readonly Partition[];
  /** The first that a new board would start. */
  readonly app: EspImage;
  readonly appOffset: number;
}

export function readFirmwareFile(bytes: Uint8Array): FirmwareFile | ImageFault {
  const image = readAppImage(bytes);
  // A bootloader ends before the partition table: what goes over it is an application, whatever its data looks like.
  if (typeof image === "object" && image.sizeBytes > PARTITION_TABLE_OFFSET) {
    return { kind: "app", app: image };
  }
  const place = findApp(bytes);
  if (place === undefined) return typeof image === "string" ? image : { kind: "app", app: image };
  return readMerged(bytes, place);
}

interface AppPlace {
  readonly partitions: readonly Partition[];
  readonly partition: Partition;
}

function findApp(bytes: Uint8Array): AppPlace | undefined {
  const partitions = readPartitionRows(bytes.subarray(PARTITION_TABLE_OFFSET));
  const partition = appPartitions(partitions).find(({ offsetBytes }) =>
    startsAsImage(bytes.subarray(offsetBytes)),
  );
  return partition && { partitions, partition };
}

function readMerged(
  bytes: Uint8Array,
  { partitions, partition }: AppPlace,
): FirmwareFile | ImageFault {
  const { offsetBytes, sizeBytes } = partition;
  const app = readAppImage(bytes.subarray(offsetBytes, offsetBytes + sizeBytes));
  if (typeof app === "string") return app;
  const { bootloaderOffset } = CHIP_FACTS[app.chip];
  const bootloader = readAppImage(bytes.subarray(bootloaderOffset, PARTITION_TABLE_OFFSET));
  return {
    kind: "merged",
    bootloader: typeof bootloader === "string" ? undefined : bootloader,
    partitions,
    app,
    appOffset: offsetBytes,
  };
}
