import type { Context } from "hono";
import * as v from "valibot";
import { refusal, type ErrorCode } from "../protocol/error-codes.ts";
import type { App } from "./hono.ts";
import { parse } from "../edge/parse.ts";
import { RefusedError } from "../edge/refused-error.ts";

/** The JSON body by its schema; its size was checked before any of it was read (app.ts). */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context<App>,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const text = await c.req.text();
  let json: unknown;
  try {
    // none at all is what an optional body may be
    json = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw badBody("is not JSON");
  }
  if (Array.isArray(json)) {
    // to a schema whose fields may all be absent, a list is an empty object
    throw badBody("is not an object");
  }
  if (json === undefined && !v.is(schema, json)) throw badBody("is missing", "MISSING_DATA");
  return parse(schema, json);
}

/** About the body as a whole, which is the field of no name. */
function badBody(problem: string, code: ErrorCode = "INVALID_DATA"): RefusedError {
  return new RefusedError(refusal(code, `the body ${problem}`, [{ field: "", problem }]));
}
