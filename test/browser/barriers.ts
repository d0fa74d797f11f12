import axe, { type NodeResult, type Result } from "axe-core";
import type { Page } from "playwright-core";

export const SCREENS = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };

interface Violation extends Pick<Result, "id"> {
  readonly nodes: readonly Pick<NodeResult, "html">[];
}

/** What bars somebody's way on the page as it is now. */
export async function findViolations(
  page: Page,
  exclude: string[] = [],
): Promise<readonly Violation[]> {
  const isThere = await page.evaluate(() => Reflect.has(globalThis, "axe"));
  if (!isThere) await page.evaluate(axe.source);
  return page.evaluate(async (excluded) => {
    const inPage: typeof axe = Reflect.get(globalThis, "axe");
    const { violations } = await inPage.run({ exclude: excluded }, { resultTypes: ["violations"] });
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
