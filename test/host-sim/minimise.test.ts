import fc from "fast-check";
import { expect, test } from "vitest";
import { minimise } from "../../host-sim/minimise.ts";

const some = fc.uniqueArray(fc.nat(40), { maxLength: 24 });

test("what is left fails, and nothing of it can be left out", async () => {
  await fc.assert(
    fc.asyncProperty(some, some, async (items, guilty) => {
      const cause = guilty.filter((one) => items.includes(one)).slice(0, 3);
      const fails = async (part: readonly number[]) => cause.every((one) => part.includes(one));
      const left = await minimise(items, fails);
      expect([...left].sort()).toEqual([...cause].sort());
    }),
  );
});

test("either of two causes is enough", async () => {
  const items = Array.from({ length: 20 }, (_, item) => item);
  const fails = async (part: readonly number[]) => part.includes(3) || part.includes(17);
  expect(await minimise(items, fails)).toHaveLength(1);
});

test("where nothing is at fault, nothing is left", async () => {
  expect(await minimise([1, 2, 3], async () => true)).toEqual([]);
});
