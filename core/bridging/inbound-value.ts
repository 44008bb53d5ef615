import * as v from "valibot";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** Reads the value of an inbound record. The failure is a sentence for the dead letter. */
export function readInboundValue<Schema extends v.GenericSchema>(
  schema: Schema,
  value: string,
): Result<v.InferOutput<Schema>, string> {
  const json = parseJson(value);
  if (!json.ok) return json;
  const parsed = v.safeParse(schema, json.value);
  if (parsed.success) return ok(parsed.output);
  const [issue] = parsed.issues;
  return fail(`${v.getDotPath(issue) ?? "the record"}: ${issue.message}`);
}

function parseJson(value: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(value));
  } catch {
    return fail("the value is not JSON");
  }
}
