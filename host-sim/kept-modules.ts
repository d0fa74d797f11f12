/** As esbuild writes the bundle: the root of the firmware comes last, and its banner first. */
const HEAD = '"use strict";\n(() => {\n';
const ROOT = "\n  // device/esp32/main.ts\n";
const TAIL = "\n})();\n";

/**
 * The root of the firmware as a function, which an engine may call again for each start: the modules around it are
 * preloaded on a board, evaluated once and never changed by what runs. Lines and columns stay where the source map has them.
 */
export function keepModules(javascript: string): string {
  const [modules = "", root = "", ...more] = javascript.split(ROOT);
  if (!modules.startsWith(HEAD) || !root.endsWith(TAIL) || more.length > 0) {
    throw new Error("the bundle has another form than expected");
  }
  const head = '"use strict";\n((__main) => {\n';
  const kept = modules.slice(HEAD.length);
  return `${head}${kept}\n  __main(() => { // device/esp32/main.ts\n${root.slice(0, -TAIL.length)}\n})})(__board.main);\n`;
}
