import * as v from "valibot";
import { fromBase64Url, toBase64Url } from "../auth/base64-url.ts";
import { parse } from "../parse.ts";

/** A page's place as clients carry it: they may not rely on what is in it. */
export function cursorOf(place: unknown): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(place)));
}

/** The place a cursor names. Out of the route when no page gave it. */
export function placeOf<Schema extends v.GenericSchema>(
  cursor: string,
  schema: Schema,
): v.InferOutput<Schema> {
  return parse(v.object({ cursor: v.pipe(decoded, schema) }), { cursor }).cursor;
}

const decoded = v.pipe(
  v.string(),
  v.rawTransform<string, unknown>(({ dataset, addIssue, NEVER }) => {
    try {
      return JSON.parse(new TextDecoder().decode(fromBase64Url(dataset.value)));
    } catch {
      addIssue({ message: "is not a cursor" });
      return NEVER;
    }
  }),
);
