import type { Context } from "hono";
import * as v from "valibot";
import { refusal } from "../protocol/error-codes.ts";
import { toRefusal } from "../protocol/frame-codec.ts";
import type { App } from "./hono.ts";
import { RefusedError } from "./refused-error.ts";

/** The JSON body by its schema; its size was checked before any of it was read (app.ts). */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context<App>,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  let json: unknown;
  try {
    json = await c.req.json();
  } catch {
    throw new RefusedError(refusal("INVALID_DATA", "the body is not JSON"));
  }
  return parse(schema, json);
}

export function readQuery<Schema extends v.GenericSchema>(
  c: Context<App>,
  schema: Schema,
): v.InferOutput<Schema> {
  return parse(schema, c.req.query());
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw new RefusedError(toRefusal(parsed.issues));
  return parsed.output;
}
