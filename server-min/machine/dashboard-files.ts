import { existsSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono } from "hono";
import { pageHeaders } from "./page-policy.ts";

const NOT_BUILT = "The SkyFeeder server is running. Its page is not built: npm run build\n";

/** Serves the built page; the paths of the API come first because they were added first. */
export function addDashboard(
  app: Hono,
  folder: string | undefined,
  origins: readonly string[],
): void {
  if (folder === undefined || !existsSync(join(folder, "index.html"))) {
    app.get("/", (c) => c.text(NOT_BUILT));
    return;
  }
  const headers = Object.entries(pageHeaders(origins));
  app.get(
    "/*",
    serveStatic({
      root: folder,
      onFound: (path, c) => {
        // Vite names what is under assets/ by its content; the rest may change under its name.
        const isNamedByContent = path.startsWith(join(folder, "assets"));
        for (const [name, value] of headers) c.header(name, value);
        c.header("Cache-Control", isNamedByContent ? "max-age=31536000, immutable" : "no-cache");
      },
    }),
  );
}
