import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { isRecord } from "../../protocol/json.ts";
import { PROBLEM_STATUS } from "../../protocol/problem.ts";
import { makeImage, release } from "./firmware-fixture.ts";
import { mismatches, resolve } from "./schema-mismatches.ts";
import {
  FEEDER,
  joinAs,
  openServer,
  PHOTO,
  presign,
  storePhoto,
  type TestServer,
} from "./server-fixture.ts";

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { in: string; name: string; required?: boolean }[];
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { schema?: Record<string, unknown> }>>;
}

interface Document extends Record<string, unknown> {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

async function documentOf(server: Pick<TestServer, "app">): Promise<Document> {
  return (await server.app.request("/openapi.json")).json();
}

function operationsOf({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** For people: no program is to read them. */
const PAGES = ["/login", "/logout", "/fleet"];

test("every route is described, and nothing that is none", async () => {
  const server = openServer();
  const described = operationsOf(await documentOf(server)).map(
    ({ path, method }) => `${method.toUpperCase()} ${path}`,
  );
  const routes = server.app.routes
    .filter(({ method, path }) => method !== "ALL" && !PAGES.includes(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{[^}]*\})?/g, "{$1}")}`);
  expect(described.toSorted()).toEqual([...new Set(routes)].toSorted());
});

test("the document is one of OpenAPI 3.1", async () => {
  const document = await documentOf(openServer());
  expect(document.openapi).toBe("3.1.0");
  const operations = operationsOf(document);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations) {
    const inPath = operation.parameters?.filter((parameter) => parameter.in === "path") ?? [];
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(inPath.map(({ name }) => name)).toEqual(names);
    expect(inPath.every(({ required }) => required)).toBe(true);
    expect(Object.keys(operation.responses)).toContain("default");
    expect(operation.tags).toHaveLength(1);
  }
  for (const ref of refsIn(document)) resolve(ref, document);
});

function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (!isRecord(value)) return [];
  const own = typeof value.$ref === "string" ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(refsIn)];
}

test("docs/openapi.json is what the server answers; vitest run -u writes it anew", async () => {
  const document = await documentOf(openServer());
  const released = { ...document, info: { ...document.info, version: packageJson.version } };
  const text = `${JSON.stringify(released, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../docs/openapi.json");
});

const DEVICE = { deviceId: "feeder-1" };

/** Sets the server up, and answers what it is asked then. */
type Ask = (server: TestServer) => Response | Promise<Response>;

const get =
  (path: string): Ask =>
  (server) =>
    server.app.request(path);
const post =
  (path: string, body?: unknown, method = "POST"): Ask =>
  (server) =>
    server.app.request(path, { method, body: body === undefined ? null : JSON.stringify(body) });

function save(method: string): Ask {
  return async (server) => {
    const { body } = await storePhoto(server, { captureId: "c8" });
    return server.app.request(`/v1/objects/${body.key}/saved`, { method });
  };
}

/** One request for the answer of each operation that is JSON. */
const ASKED: Readonly<Record<string, Ask>> = {
  "get /healthz": get("/healthz"),
  "get /health": get("/health"),
  "get /readyz": get("/readyz"),
  "get /v1/discovery/{deviceId}": get("/v1/discovery/feeder-1"),
  "post /v1/presign/put": post("/v1/presign/put", { ...DEVICE, kind: "photos" }),
  "get /v1/presign/get": get("/v1/presign/get?deviceId=feeder-1&objectKey=feeder-1/c1.jpg"),
  "put /fput/{token}": async (server) => {
    const { uploadUrl, headers } = await presign(server, { captureId: "c9" });
    const init = {
      method: "PUT",
      headers: { ...headers, "Content-Length": `${PHOTO.length}` },
      body: PHOTO,
    };
    return server.app.request(new URL(uploadUrl).pathname, init);
  },
  "get /v1/index/{deviceId}/{date}": get("/v1/index/feeder-1/2026-05-01"),
  "get /v1/days/{deviceId}": get("/v1/days/feeder-1"),
  "put /v1/objects/{kind}/{deviceId}/{fileName}/saved": save("PUT"),
  "delete /v1/objects/{kind}/{deviceId}/{fileName}/saved": save("DELETE"),
  "get /v1/devices": get("/v1/devices"),
  "get /v1/devices/{deviceId}/config": async (server) => {
    await post("/v1/devices/feeder-1/config", { clipSeconds: 0 }, "PUT")(server);
    const config = { status: "rejected", version: 0, latest: 1, reason: "x", detail: "y" };
    const said = JSON.stringify({ type: "event.config", payload: config });
    joinAs(server, FEEDER).receive(said);
    await server.background.idle();
    return get("/v1/devices/feeder-1/config")(server);
  },
  "put /v1/devices/{deviceId}/config": post("/v1/devices/feeder-1/config", {}, "PUT"),
  "patch /v1/devices/{deviceId}/config": post("/v1/devices/feeder-1/config", {}, "PATCH"),
  "put /v1/devices/{deviceId}/name": post("/v1/devices/feeder-1/name", { name: "Tree" }, "PUT"),
  "post /v1/devices/{deviceId}/log": (server) => {
    joinAs(server, FEEDER);
    return post("/v1/devices/feeder-1/log", { minutes: 5 })(server);
  },
  "post /v1/releases": (server) =>
    server.app.request("/v1/releases", { method: "POST", body: makeImage({ version: "1.2.0" }) }),
  "get /v1/releases": get("/v1/releases"),
  "get /v1/releases/{version}": get("/v1/releases/1.1.0"),
  "post /v1/releases/{version}/block": post("/v1/releases/1.1.0/block", { reason: "it bites" }),
  "post /v1/releases/{version}/resign": post("/v1/releases/1.1.0/resign"),
  "post /api/v1/check-update": post("/api/v1/check-update", {
    ...DEVICE,
    current_version: "1.0.0",
  }),
  "post /v1/ota/heartbeat": post("/v1/ota/heartbeat", {
    ...{ ...DEVICE, version: "1.0.0", status: "ok", nonce: "n" },
  }),
  "post /api/v1/report-status": post("/api/v1/report-status", {
    ...{ ...DEVICE, version: "1.1.0", status: "confirmed" },
  }),
  "get /v1/ota/status": get("/v1/ota/status"),
  "get /v1/ota/log": get("/v1/ota/log"),
  "get /firmware/{version}/manifest": get("/firmware/1.1.0/manifest"),
  "post /v1/ota/command": post("/v1/ota/command", { ...DEVICE, action: "restart" }),
  "post /v1/viewer-token": post("/v1/viewer-token"),
  "get /v1/events": get("/v1/events"),
  "get /v1/session": get("/v1/session"),
  "get /v1/api-keys": get("/v1/api-keys"),
  "post /v1/api-keys": post("/v1/api-keys", { name: "grafana" }),
  "post /v1/enrolment": post("/v1/enrolment", { deviceId: "feeder-3" }),
  "get /v1/enrolments": get("/v1/enrolments"),
  "post /v1/enrolments/{claimCode}/approve": async (server) =>
    post(`/v1/enrolments/${await claimCode(server)}/approve`)(server),
  "post /v1/enrolments/{claimCode}/deny": async (server) =>
    post(`/v1/enrolments/${await claimCode(server)}/deny`)(server),
  "post /v1/enrolment/token": async (server) => {
    const { deviceCode, claimCode } = await enrol(server);
    await post(`/v1/enrolments/${claimCode}/approve`)(server);
    return post("/v1/enrolment/token", { deviceId: "feeder-2", deviceCode })(server);
  },
  "post /v1/devices/{deviceId}/token": post("/v1/devices/feeder-1/token"),
  "get /v1/audit": get("/v1/audit"),
  "get /rooms": get("/rooms"),
  "get /v1/metrics": get("/v1/metrics"),
  "get /v1/test/faults": get("/v1/test/faults"),
  "post /v1/test/faults": post("/v1/test/faults", { ...DEVICE, untilTs: 2e9 }),
  "post /v1/test/visits": post("/v1/test/visits", DEVICE),
};

/** Answered only to a device that has shown its token. */
const ELSEWHERE = ["post /v1/device-token", "get /openapi.json"];

async function enrol(server: TestServer): Promise<{ claimCode: string; deviceCode: string }> {
  return (await post("/v1/enrolment", { deviceId: "feeder-2" })(server)).json();
}

const claimCode = async (server: TestServer) => (await enrol(server)).claimCode;

/** With something of everything in it. */
async function openBusyServer(): Promise<TestServer> {
  const simulation = { deviceIds: () => ["feeder-1"], visit: () => {} };
  const server = openServer({}, simulation);
  await release(server, "1.1.0");
  await storePhoto(server);
  joinAs(server, FEEDER).receive('{"type":"event.visit"}');
  await post("/v1/test/faults", { deviceId: "feeder-2", untilTs: 2e9 })(server);
  await post("/api/v1/check-update", { ...DEVICE, current_version: "1.0.0" })(server);
  await post("/api/v1/report-status", { ...DEVICE, version: "1.1.0", status: "failed" })(server);
  await post("/v1/api-keys", { name: "backup" })(server);
  await enrol(server);
  return server;
}

test.each(Object.entries(ASKED))("%s answers as described", async (name, ask) => {
  const server = await openBusyServer();
  const document = await documentOf(server);
  const [method = "", path = ""] = name.split(" ");
  const answer = await ask(server);
  const described = document.paths[path]?.[method]?.responses[String(answer.status)];
  const type = answer.headers.get("Content-Type")?.split(";")[0] ?? "";
  const schema = described?.content?.[type]?.schema;
  expect(schema, `${answer.status} ${type}`).toBeDefined();
  expect(mismatches(await answer.json(), schema ?? {}, document)).toEqual([]);
});

test("the table above has every operation that answers JSON", async () => {
  const operations = operationsOf(await documentOf(openServer()));
  const withJson = operations
    .filter(({ operation }) =>
      Object.entries(operation.responses).some(
        ([status, { content }]) => status !== "default" && content?.["application/json"],
      ),
    )
    .map(({ path, method }) => `${method} ${path}`);
  expect([...Object.keys(ASKED), ...ELSEWHERE].toSorted()).toEqual(withJson.toSorted());
});

test("problems are as described, in every operation", async () => {
  const server = openServer();
  const document = await documentOf(server);
  const schema =
    document.paths["/v1/presign/put"]?.post?.responses.default?.content?.[
      "application/problem+json"
    ]?.schema;
  for (const body of ["{", "[]", "{}", '{"deviceId":"no id"}']) {
    const answer = await server.app.request("/v1/presign/put", { method: "POST", body });
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(mismatches(await answer.json(), schema ?? {}, document)).toEqual([]);
  }
  const problem = resolve("#/components/schemas/Problem/properties/code", document);
  expect(problem.enum).toEqual(Object.keys(PROBLEM_STATUS));
});

test("people read the same on one page, which loads nothing and runs nothing", async () => {
  const server = openServer();
  const answer = await server.app.request("/docs");
  const page = await answer.text();
  for (const { operation } of operationsOf(await documentOf(server))) {
    expect(page).toContain(`<details id="${operation.operationId}">`);
  }
  expect(page).not.toMatch(/<(script|link|img|iframe)|\son\w+=|style="|@import|url\(|src=/);
  const [, style = ""] = /<style>(.*)<\/style>/s.exec(page) ?? [];
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = answer.headers.get("Content-Security-Policy");
  expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}';`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
  expect(answer.headers.get("X-Frame-Options")).toBe("DENY");
});
