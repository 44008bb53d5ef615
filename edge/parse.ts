import type * as v from "valibot";
import { fitting } from "../protocol/fitting.ts";
import { accept } from "./refused-error.ts";

/** Out of whatever answers a caller, with the fields at fault when the value does not fit. */
export function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  return accept(fitting(schema, value));
}
