import { buildPage, isPageStale } from "../../cli/page-build.ts";

/** Once before all tests: those of the page and of `npm start` run side by side and serve the same folder. */
export default function setup(): void {
  if (isPageStale()) buildPage();
}
