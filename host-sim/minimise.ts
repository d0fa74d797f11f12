/**
 * The smallest part of a list that still fails, as Zeller's ddmin finds it: parts are left out, halves first, as long as
 * what is left fails. `fails` must answer the same for the same part.
 */
export async function minimise<Item>(
  items: readonly Item[],
  fails: (part: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let left = items;
  let parts = 2;
  while (left.length >= 2) {
    const smaller = await firstFailing(withoutEach(left, parts), fails);
    if (smaller !== undefined) {
      left = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts < left.length) parts = Math.min(left.length, 2 * parts);
    else break;
  }
  return left.length === 1 && (await fails([])) ? [] : left;
}

async function firstFailing<Item>(
  candidates: readonly (readonly Item[])[],
  fails: (part: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[] | undefined> {
  for (const candidate of candidates) if (await fails(candidate)) return candidate;
  return undefined;
}

/** The list without its first part, without its second ... */
function withoutEach<Item>(items: readonly Item[], parts: number): (readonly Item[])[] {
  const size = Math.ceil(items.length / parts);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.filter((_item, index) => Math.floor(index / size) !== part),
  );
}
