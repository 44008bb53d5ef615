import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";

export type Json = Record<string, unknown>;

/** A schema as outsiders read it: what JSON Schema cannot say, such as the shape of an id, is left to the code. */
export function jsonSchema(schema: v.GenericSchema): Json {
  const { $schema: _ofDocument, ...json } = toJsonSchema(schema, {
    target: "draft-07",
    typeMode: "input",
    errorMode: "ignore",
  });
  return json;
}
