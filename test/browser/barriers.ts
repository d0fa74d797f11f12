import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

export const SCREENS = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };

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
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, nodes } of violations) {
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
