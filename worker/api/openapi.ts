import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { ERROR_CODES, type ErrorCode } from "../../protocol/error-codes.ts";
import { TAGS, type Access, type ByteContract, type Contract } from "./contract.ts";
import { COMPONENTS } from "./components.ts";

export const API_VERSION = "0.1.0";

/** Any request may meet these, whatever the route. */
const EVERYWHERE: readonly ErrorCode[] = ["RATE_LIMITED", "INTERNAL", "UNAVAILABLE"];
const OF_INPUT: readonly ErrorCode[] = ["MISSING_DATA", "INVALID_DATA"];
const OF_ACCESS = {
  open: [],
  user: ["INVALID_TOKEN", "TOKEN_EXPIRED"],
  signed: ["INVALID_TOKEN", "TOKEN_EXPIRED"],
  staff: ["INVALID_TOKEN", "TOKEN_EXPIRED", "FORBIDDEN"],
  admin: ["INVALID_TOKEN", "TOKEN_EXPIRED", "FORBIDDEN"],
} as const satisfies Record<Access | "signed", readonly ErrorCode[]>;

/** Who may call, as OpenAPI says it: any one of these. */
const SECURITY = {
  open: [],
  user: [{ bearer: [] }],
  signed: [{ bearer: [] }, { signature: [] }],
  staff: [{ bearer: [] }],
  admin: [{ bearer: [] }],
} as const satisfies Record<Access | "signed", readonly Json[]>;

type Json = Record<string, unknown>;

/** OpenAPI 3.1 of the routes, from the very schemas that validate them. */
export function openApiOf(contracts: readonly Described[]): Json {
  const paths: Record<string, Json> = {};
  for (const contract of contracts) {
    const path = contract.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [contract.method]: operationOf(contract) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Parley", version: API_VERSION, license: { name: "MIT", identifier: "MIT" } },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        signature: { type: "apiKey", in: "query", name: "signature" },
      },
      schemas: Object.fromEntries(
        Object.entries(COMPONENTS).map(([name, schema]) => [name, jsonSchema(schema, name)]),
      ),
    },
  };
}

type Described = Contract | ByteContract;

function operationOf(contract: Described): Json {
  const { method, path, summary, tag, access } = contract;
  return {
    operationId: operationId(method, path),
    summary,
    tags: [tag],
    security: SECURITY[access],
    parameters: parametersOf(contract),
    ...requestOf(contract),
    responses: { ...successesOf(contract), ...refusalsOf(contract) },
  };
}

function requestOf(contract: Described): Json {
  if ("takesBytes" in contract) return requestBody(true, "application/octet-stream", {});
  if ("form" in contract && contract.form !== undefined) {
    return requestBody(true, "multipart/form-data", jsonSchema(contract.form));
  }
  if (!("body" in contract) || contract.body === undefined) return {};
  const isRequired = !v.safeParse(contract.body, undefined).success;
  return requestBody(isRequired, "application/json", jsonSchema(contract.body));
}

function requestBody(required: boolean, mediaType: string, schema: Json): Json {
  return { requestBody: { required, content: { [mediaType]: { schema } } } };
}

function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method, ...words].join("_");
}

function parametersOf(contract: Described): Json[] {
  const { params, query, headers = {}, tagged } = contract;
  const isRanged = "ranged" in contract;
  const named = {
    ...headers,
    ...(isRanged ? { range: "One range of bytes", "if-range": "An ETag one has" } : {}),
    ...(tagged === true || isRanged ? { "if-none-match": "An ETag one has" } : {}),
  };
  return [
    ...fieldsOf(params).map(([name, schema]) => ({
      name,
      in: "path",
      required: true,
      schema: querySchema(schema),
    })),
    ...fieldsOf(query).map(([name, schema]) => ({
      name,
      in: "query",
      required: !v.safeParse(schema, undefined).success,
      schema: querySchema(schema),
    })),
    ...Object.entries(named).map(([name, description]) => ({
      name,
      in: "header",
      description,
      schema: { type: "string" },
    })),
  ];
}

function successesOf(contract: Described): Json {
  const { statuses, answer, bare, tagged } = contract;
  const responses: Json = {};
  if ("bytes" in contract && contract.bytes !== undefined) {
    const content = { [contract.bytes]: { schema: {} } };
    responses[200] = { description: "The bytes", content };
    if (contract.ranged === true || tagged === true)
      responses[304] = { description: "What the client has still holds" };
    if (contract.ranged !== true) return responses;
    responses[206] = { description: "A part of the bytes", content };
    responses[416] = { description: "No such part" };
    return responses;
  }
  for (const status of statuses) {
    responses[status] =
      answer === undefined || status === 204
        ? { description: "Done" }
        : {
            description: status === 201 ? "Made" : "Done",
            content: { "application/json": { schema: enveloped(jsonSchema(answer), bare) } },
          };
  }
  if (tagged === true) responses[304] = { description: "What the client has still holds" };
  return responses;
}

function enveloped(data: Json, bare: true | undefined): Json {
  if (bare === true) return data;
  return {
    type: "object",
    properties: {
      success: { const: true },
      message: { type: "string" },
      data,
      metadata: { $ref: "#/components/schemas/Metadata" },
    },
    required: ["success", "message", "data", "metadata"],
  };
}

/** Refusals by their status, each with the codes that it can carry. */
function refusalsOf(contract: Described): Json {
  const { access, params, query, refusals = [] } = contract;
  const body = "body" in contract ? contract.body : undefined;
  const takesInput = [params, query, body, "form" in contract ? contract.form : undefined].some(
    (part) => part !== undefined,
  );
  const codes = new Set([
    ...OF_ACCESS[access],
    ...(takesInput ? OF_INPUT : []),
    ...(body === undefined ? [] : ["TOO_LARGE" as const]),
    ...refusals,
    ...EVERYWHERE,
  ]);
  const byStatus = Map.groupBy(codes, (code) => ERROR_CODES[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.join(", "),
        content: { "application/problem+json": { schema: { $ref: PROBLEM } } },
      },
    ]),
  );
}

const PROBLEM = "#/components/schemas/Problem";

/** Fields of an object schema. A piped one keeps them. */
function fieldsOf(schema: v.GenericSchema | undefined): [string, v.GenericSchema][] {
  if (schema === undefined || !("entries" in schema)) return [];
  return Object.entries(schema.entries as Record<string, v.GenericSchema>); // of v.object
}

/** A parameter is text on the wire; what it stands for is said by the schema's metadata. */
function querySchema(schema: v.GenericSchema): Json {
  const inner = "wrapped" in schema ? (schema.wrapped as v.GenericSchema) : schema; // of v.optional
  const { query } = v.getMetadata(inner);
  return typeof query === "object" && query !== null ? { ...query } : jsonSchema(inner);
}

/** Named components are referred to, but for the one that is being described. */
function jsonSchema(schema: v.GenericSchema, self?: string): Json {
  const {
    $defs: _inComponents,
    $schema: _ofDocument,
    ...json
  } = toJsonSchema(schema, {
    target: "draft-2020-12",
    typeMode: "input",
    errorMode: "ignore",
    definitions: Object.fromEntries(Object.entries(COMPONENTS).filter(([name]) => name !== self)),
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  return json;
}
