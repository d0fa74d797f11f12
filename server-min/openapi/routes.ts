import { Hono } from "hono";

/** The routes that are mounted by the time somebody asks, for programs and for people. */
export function openApiRoutes(app: Hono, version: string): Hono {
  // Loaded for the few who ask: hundreds of schemas.
  const load = async () => {
    const { describeApi } = await import("./document.ts");
    return describeApi(app, { version });
  };
  let document: ReturnType<typeof load> | undefined;
  return new Hono()
    .get("/openapi.json", async (c) => {
      document ??= load();
      return c.json(await document);
    })
    .get("/docs", async (c) => {
      document ??= load();
      const { API_PAGE_HEADERS, apiPage } = await import("./page.ts");
      return c.html(apiPage(await document), 200, API_PAGE_HEADERS);
    });
}
