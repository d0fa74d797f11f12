import { toJsonSchema } from "@valibot/to-json-schema";
import { Hono } from "hono";
import type { DescribeRouteOptions } from "hono-openapi";
import { describeRoute, generateSpecs, resolver } from "hono-openapi";
import type { OpenAPIV3_1 } from "openapi-types";
import type { GenericSchema } from "valibot";
import * as v from "valibot";
import { PROBLEM_STATUS } from "../../protocol/problem.ts";
import { DEVICE_ID } from "../field-schemas.ts";
import { PROBLEM_TYPE } from "../problem-answer.ts";
import { COUNT, DATE, TEXT, URL_TEXT } from "./answer-schemas.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

type Document = Awaited<ReturnType<typeof generateSpecs>>;

const PATH_FIELDS: Readonly<Record<string, GenericSchema>> = { deviceId: DEVICE_ID, date: DATE };

const CODES = Object.keys(PROBLEM_STATUS);
const PROBLEM = {
  description: "RFC 9457 problem details; `code` is stable, texts may change.",
  contentType: PROBLEM_TYPE,
  schema: v.pipe(
    v.object({
      type: URL_TEXT,
      title: TEXT,
      status: COUNT,
      code: v.picklist(CODES),
      detail: v.optional(TEXT),
      devices: v.optional(v.array(DEVICE_ID)),
    }),
    v.metadata({ ref: "Problem" }),
  ),
};

/** What the routes of this server take and answer, in OpenAPI 3.1. */
export function describeApi(
  app: Hono,
  { version }: { readonly version: string },
): Promise<Document> {
  const described = new Hono();
  const mounted = new Set(app.routes.map(({ method, path }) => `${method} ${path}`));
  for (const [tag, operations] of Object.entries(OPERATIONS)) {
    for (const [name, operation] of Object.entries(operations)) {
      if (!mounted.has(name)) continue;
      const [method = "", path = ""] = name.split(" ");
      // Beside the routes, not in them: a description costs their requests nothing.
      described.on(method, path, describeRoute(descriptionOf(operation, { tag, path })));
    }
  }
  return generateSpecs(described, {
    documentation: {
      info: {
        title: "SkyFeeder",
        version,
        description: "Feeders, their photos and their firmware.",
      },
      security: [{ bearer: [] }, { apiKey: [] }, { session: [] }],
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    excludeStaticFile: false,
  });
}

function descriptionOf(
  { summary, isOpen, query, body, answers }: Operation,
  { tag, path }: { readonly tag: string; readonly path: string },
): DescribeRouteOptions {
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return {
    summary,
    tags: [tag],
    ...(isOpen === true && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: body.isRequired, content: contentOf(body) } }),
    responses: { ...describeAnswers(answers), default: describeAnswer(PROBLEM) },
  };
}

function describeAnswers(answers: Operation["answers"]) {
  const described = Object.entries(answers).map(([status, answer]) => {
    return [status, describeAnswer(answer)] as const;
  });
  return Object.fromEntries(described);
}

function describeAnswer(answer: Operation["answers"][number]) {
  const { description, contentType, schema } = answer;
  if (contentType === undefined) return { description };
  return { description, content: contentOf({ contentType, ...(schema && { schema }) }) };
}

function contentOf({ contentType, schema }: { contentType: string; schema?: GenericSchema }) {
  // An empty media type is OpenAPI 3.1's word for bytes.
  return { [contentType]: schema === undefined ? {} : { schema: resolver(schema) } };
}

function pathParameters(path: string): OpenAPIV3_1.ParameterObject[] {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  return names.map((name) => {
    const schema = jsonSchema(PATH_FIELDS[name] ?? TEXT);
    return { in: "path", name, required: true, schema: parameterSchema(schema) };
  });
}

function queryParameters(query: GenericSchema | undefined): OpenAPIV3_1.ParameterObject[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(query);
  return Object.entries(properties).map(([name, schema]) => {
    const isRequired = required.includes(name);
    return { in: "query", name, required: isRequired, schema: parameterSchema(schema) };
  });
}

function jsonSchema(schema: GenericSchema) {
  return toJsonSchema(schema, { errorMode: "ignore", typeMode: "input" });
}

/** OpenAPI 3.1 takes any JSON Schema; the types of its packages still have 3.0's. */
function parameterSchema(schema: unknown) {
  const { $schema, ...described } = schema as OpenAPIV3_1.SchemaObject & { $schema?: string };
  return described as NonNullable<OpenAPIV3_1.ParameterObject["schema"]>;
}

const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "A device's or a viewer's token." },
  apiKey: {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "An operator's program.",
  },
  session: { type: "apiKey", in: "cookie", name: "skyfeeder_session", description: "An operator." },
} as const;
