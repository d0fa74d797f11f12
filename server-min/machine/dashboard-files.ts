import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono } from "hono";
import { pageHeaders } from "./page-policy.ts";

const NOT_BUILT = "The SkyFeeder server is running. Its page is not built: npm run build\n";

/** Serves the built page; the paths of the API come first because they were added first. */
export function addDashboard(
  app: Hono,
  {
    folder,
    isOpen,
    origins,
  }: {
    readonly folder: string | undefined;
    readonly isOpen: boolean;
    readonly origins: readonly string[];
  },
): void {
  const shell = join(folder ?? "", "index.html");
  if (folder === undefined || !existsSync(shell)) {
    app.get("/", (c) => c.text(NOT_BUILT));
    return;
  }
  const headers = pageHeaders(origins);
  if (!isOpen) {
    // The page shows its way to the fleet. Read each time: it may be built anew while it is served.
    app.get("/", (c) => {
      const text = readFileSync(shell, "utf8").replace("<html", "<html data-closed");
      return c.html(text, 200, { ...headers, "Cache-Control": "no-cache" });
    });
  }
  app.get(
    "/*",
    serveStatic({
      root: folder,
      onFound: (path, c) => {
        // Vite names what is under assets/ by its content; the rest may change under its name.
        const isNamedByContent = path.startsWith(join(folder, "assets"));
        for (const [name, value] of Object.entries(headers)) c.header(name, value);
        c.header("Cache-Control", isNamedByContent ? "max-age=31536000, immutable" : "no-cache");
      },
    }),
  );
}
