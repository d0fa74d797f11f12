import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

export const SCREENS = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };

interface Axe {
  run(
    context: { readonly exclude: readonly string[] },
    options: { readonly resultTypes: readonly string[] },
  ): Promise<{ readonly violations: readonly Violation[] }>;
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** The engine of the package that drives it: driven here, it is put into a page once and not for each look. */
const SOURCE = readFileSync(
  createRequire(import.meta.resolve("@axe-core/playwright")).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** What bars somebody's way on the page as it is now. */
export async function findViolations(
  page: Page,
  exclude: readonly string[] = [],
): Promise<readonly Violation[]> {
  const isThere = await page.evaluate(() => Reflect.has(globalThis, "axe"));
  if (!isThere) await page.evaluate(SOURCE);
  return page.evaluate(async (excluded) => {
    const axe = Reflect.get(globalThis, "axe") as Axe;
    const { violations } = await axe.run({ exclude: excluded }, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) }));
  }, exclude);
}

/** What somebody could not see, reach or hear, in every light and on every screen, as `look: rule: element`. */
export async function findBarriers(
  page: Page,
  screens: Partial<typeof SCREENS> = SCREENS,
): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [screen, viewport] of Object.entries(screens)) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await settle(page);
      for (const { id, nodes } of await findViolations(page)) {
        found.push(...nodes.map(({ html }) => `${screen}, ${colorScheme}: ${id}: ${html}`));
      }
    }
  }
  return found;
}

/** What still fades in has the contrast of something half there. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.getAnimations().every((animation) => {
      const isEndless = animation.effect?.getTiming().iterations === Number.POSITIVE_INFINITY;
      return isEndless || animation.playState === "finished";
    }),
  );
}
