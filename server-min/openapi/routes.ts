import { Hono } from "hono";

/** GET /openapi.json: of the routes that are mounted by the time somebody asks. */
export function openApiRoutes(app: Hono, version: string): Hono {
  const describe = async () => {
    // Hundreds of schemas, for the few who ask.
    const { describeApi } = await import("./document.ts");
    return describeApi(app, { version });
  };
  let document: ReturnType<typeof describe> | undefined;
  return new Hono().get("/openapi.json", async (c) => {
    document ??= describe();
    return c.json(await document);
  });
}
