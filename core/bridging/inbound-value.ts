import type * as v from "valibot";
import { fitting } from "../../protocol/fitting.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** Reads the value of an inbound record. The failure is a sentence for the dead letter. */
export function readInboundValue<Schema extends v.GenericSchema>(
  schema: Schema,
  value: string,
): Result<v.InferOutput<Schema>, string> {
  const json = parseJson(value);
  if (!json.ok) return json;
  const parsed = fitting(schema, json.value);
  if (parsed.ok) return parsed;
  const { message, errors } = parsed.error;
  return fail(errors?.[0]?.field === "" ? `the record ${message}` : message);
}

function parseJson(value: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(value));
  } catch {
    return fail("the value is not JSON");
  }
}
