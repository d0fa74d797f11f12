import type { GenericSchema } from "valibot";

/** What readers of the API are told of one route: its schemas are those it checks with. */
export interface Operation {
  readonly summary: string;
  /** Answers somebody who has shown nothing, also on a server that trusts nobody. */
  readonly isOpen?: boolean;
  readonly query?: GenericSchema;
  readonly body?: OperationBody;
  readonly answers: Readonly<Record<number, OperationAnswer>>;
}

interface OperationBody {
  /** Undefined for plain bytes. */
  readonly schema?: GenericSchema;
  readonly contentType: string;
  readonly isRequired: boolean;
}

interface OperationAnswer {
  readonly description: string;
  /** Undefined for what has no JSON in it. */
  readonly schema?: GenericSchema;
  /** Undefined for an answer without a body. */
  readonly contentType?: string;
}

/** By method and path, as the route has them. */
export type Operations = Readonly<Record<string, Operation>>;

export function jsonBody(schema: GenericSchema, { isRequired = true } = {}): OperationBody {
  return { schema, contentType: "application/json", isRequired };
}

export function bytesBody(contentType: string): OperationBody {
  return { contentType, isRequired: true };
}

export function json(description: string, schema: GenericSchema): OperationAnswer {
  return { description, schema, contentType: "application/json" };
}

export function bytes(description: string, contentType: string): OperationAnswer {
  return { description, contentType };
}

export function nothing(description: string): OperationAnswer {
  return { description };
}
