import { expect, test } from "vitest";
import { sweepPowerCuts } from "../../cli/sim/sweep/power-cut-sweep.ts";
import { recordUpdate, type UpdateJournal } from "../../cli/sim/sweep/update-journal.ts";
import { readPartitions } from "../../host-sim/board/bootloader.ts";
import { type FlashOperation, SECTOR_BYTES } from "../../host-sim/board/flash.ts";

const IMAGE_BYTES = 1_200_000;

function isIn({ chip }: UpdateJournal, label: string): (operation: FlashOperation) => boolean {
  const partition = readPartitions(chip).find((candidate) => candidate.label === label);
  const { offsetBytes = 0, sizeBytes = 0 } = partition ?? {};
  return (operation) => {
    const isErase = operation.kind === "erase";
    const at = isErase ? operation.sector * SECTOR_BYTES : operation.offsetBytes;
    return at >= offsetBytes && at < offsetBytes + sizeBytes;
  };
}

test.each([
  ["first", "ota_1"],
  ["next", "ota_0"],
] as const)(
  "power cut before, in and after each operation of the %s update of 1.2 MB: it boots, tries, recovers",
  async (kind, slot) => {
    const journal = await recordUpdate(kind, IMAGE_BYTES, 1);
    const { operations } = journal;
    const result = await sweepPowerCuts(journal, operations, {
      seed: 1,
      recoverEvery: 800,
      cutAgainEvery: 2,
    });
    expect(result.faults).toEqual([]);
    const { points, bootable, recoveries, recovered, sequenceFell } = result;
    expect(points).toBe(3 * operations.length);
    expect(operations.filter(isIn(journal, slot)).length).toBeGreaterThan(IMAGE_BYTES / 256);
    expect({ bootable, sequenceFell }).toEqual({ bootable: points, sequenceFell: 0 });
    expect(recoveries).toBeGreaterThan(15);
    expect(recovered).toBe(recoveries);
  },
  120_000,
);

/** Firmware that selects first and writes afterwards. */
function selectFirst(journal: UpdateJournal): FlashOperation[] {
  const { operations } = journal;
  const isImage = isIn(journal, "ota_0");
  const isOtadata = isIn(journal, "otadata");
  const behindImage = operations.slice(operations.findLastIndex(isImage));
  const selection = behindImage.filter(isOtadata).slice(0, 3);
  const before = operations.findIndex(isImage);
  const rest = operations.filter((operation) => !selection.includes(operation));
  return [...rest.slice(0, before), ...selection, ...rest.slice(before)];
}

/** Firmware that writes the selection over the entry by which it runs, which is the second one here. */
function overwriteLiveEntry(journal: UpdateJournal): FlashOperation[] {
  const isOtadata = isIn(journal, "otadata");
  const partition = readPartitions(journal.chip).find(({ label }) => label === "otadata");
  const live = (partition?.offsetBytes ?? 0) / SECTOR_BYTES + 1;
  const isImage = isIn(journal, "ota_0");
  const behindImage = journal.operations.findLastIndex(isImage);
  return journal.operations.map((operation, index) => {
    if (index < behindImage || !isOtadata(operation)) return operation;
    if (operation.kind === "erase") return { ...operation, sector: live };
    const within = operation.offsetBytes % SECTOR_BYTES;
    return { ...operation, offsetBytes: live * SECTOR_BYTES + within };
  });
}

test.each([
  ["selects the image before it has written it", selectFirst],
  ["overwrites the live entry of otadata", overwriteLiveEntry],
])("the sweep finds firmware that %s", async (_what, mutate) => {
  // Small: it is the order of the operations that is wrong.
  const journal = await recordUpdate("next", 300_000, 1);
  const options = { seed: 1, recoverEvery: 0, cutAgainEvery: 0 };
  const honest = await sweepPowerCuts(journal, journal.operations, options);
  expect(honest.faults).toEqual([]);
  const mutant = await sweepPowerCuts(journal, mutate(journal), options);
  expect(mutant.faults).not.toEqual([]);
});
