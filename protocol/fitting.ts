import * as v from "valibot";
import { refusal, type FieldProblem, type Refusal } from "./error-codes.ts";
import { fail, ok, type Result } from "./result.ts";

/**
 * What a peer sent, by its schema. A refusal names each field at fault and what is wanted of it, and never repeats what
 * was sent. Its code is `MISSING_DATA` when all that is wrong is something absent, else `INVALID_DATA`. Rule ERR-1.
 */
export function fitting<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  { abortPipeEarly = false }: { abortPipeEarly?: boolean } = {},
): Result<v.InferOutput<Schema>, Refusal> {
  const parsed = v.safeParse(schema, value, { abortPipeEarly, message: problemOf });
  return parsed.success ? ok(parsed.output) : fail(toRefusal(parsed.issues));
}

function toRefusal(issues: readonly v.BaseIssue<unknown>[]): Refusal {
  const errors: FieldProblem[] = issues.map((issue) => ({
    field: v.getDotPath(issue) ?? "",
    problem: issue.message,
  }));
  const absent = issues.every((issue) => issue.received === "undefined");
  const first = errors[0];
  const where = first === undefined || first.field === "" ? "" : `${first.field}: `;
  return refusal(
    absent ? "MISSING_DATA" : "INVALID_DATA",
    `${where}${first?.problem ?? "is not valid"}`,
    errors,
  );
}

/** What an issue says where its schema has no words of its own: valibot's are for programmers, and repeat the input. */
function problemOf(issue: v.BaseIssue<unknown>): string {
  if (issue.received === "undefined") return "is missing";
  if (issue.kind === "schema") return `must be ${wanted(issue.expected)}`;
  const bound = String(issue.requirement);
  const things = typeof issue.input === "string" ? "characters" : "entries";
  switch (issue.type) {
    case "min_length":
      return `must have at least ${bound} ${things}`;
    case "max_length":
      return `must have at most ${bound} ${things}`;
    case "length":
      return `must have ${bound} ${things}`;
    case "min_value":
      return `must be at least ${bound}`;
    case "max_value":
      return `must be at most ${bound}`;
    default:
      return FORMS[issue.type] ?? "is not valid";
  }
}

const FORMS: Readonly<Record<string, string>> = {
  safe_integer: "must be a whole number",
  integer: "must be a whole number",
  email: "must be an email address",
  url: "must be a URL",
  uuid: "must be a UUID",
  iso_timestamp: "must be a time in ISO 8601",
  non_empty: "must not be empty",
  parse_json: "must be JSON",
};

/** valibot's names of types; a value that it names stands there as it must be sent. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  Object: "an object",
  Array: "a list",
  "!undefined": "present",
  never: "absent",
};

/** `("a" | "b")` in words; null when the schema expects nothing that can be told. */
function wanted(expected: string | null): string {
  if (expected === null) return "something else";
  const each = expected
    .replaceAll(/^\(|\)$/g, "")
    .split(" | ")
    .map((type) => TYPES[type] ?? type);
  const last = each.pop() ?? "";
  return each.length === 0 ? last : `${each.join(", ")} or ${last}`;
}
