import { existsSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it; answers what it made, the highest first. Node's own way to do so never ends where a
 * folder is and nothing can be made in it, as in /proc: to make it says that the one above is missing.
 */
export async function makeFolders(path: string, mode?: number): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await mkdir(folder, { mode }).catch((error: NodeJS.ErrnoException) => {
      // Somebody else made it meanwhile, unless it is a link that leads nowhere.
      if (error.code !== "EEXIST" || !existsSync(folder)) throw error;
    });
  }
  if (!(await stat(path)).isDirectory()) throw new Error(`${path} is no folder`);
  return missing;
}
