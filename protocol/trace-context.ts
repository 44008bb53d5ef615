import * as v from "valibot";

/** Version, trace id, parent id and flags; a later version may add more. Zeros name nothing. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?$/;

/**
 * The W3C trace context of a request, in the form of version 00; undefined for what is none. A broken one is no reason
 * to refuse a message: by the standard the trace then starts anew. Source: W3C Trace Context, section 3.2. Rule TRC-1.
 */
export function readTraceparent(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > MAX_CHARS) return undefined;
  const [, version, ids, more] = TRACEPARENT.exec(text) ?? [];
  if (ids === undefined || (version === "00" && more !== undefined)) return undefined;
  return `00-${ids}`;
}

/** More than any version will need; it bounds the work on somebody else's text. */
const MAX_CHARS = 512;

/** As a field of a frame or payload. */
export const traceparentSchema = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((text) => readTraceparent(text)),
  ),
);
