import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { readTraceparent, traceparentSchema } from "./trace-context.ts";

/** The example of the standard. */
const IDS = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("a traceparent", () => {
  test("[TRC-1] is passed on as it came", () => {
    expect(readTraceparent(`00-${IDS}`)).toBe(`00-${IDS}`);
  });

  test("[TRC-1] of a later version is read as far as this one goes", () => {
    expect(readTraceparent(`cc-${IDS}`)).toBe(`00-${IDS}`);
    expect(readTraceparent(`cc-${IDS}-what-the-future-will-be-like`)).toBe(`00-${IDS}`);
  });

  test.each([
    ["another version's end on version 00", `00-${IDS}-more`],
    ["the version that is none", `ff-${IDS}`],
    ["upper case", `00-${IDS.toUpperCase()}`],
    ["a trace id of zeros", `00-${"0".repeat(32)}-b7ad6b7169203331-01`],
    ["a parent id of zeros", `00-0af7651916cd43dd8448eb211c80319c-${"0".repeat(16)}-01`],
    ["a line break", `00-${IDS}\n`],
    ["an endless one", `cc-${IDS}-${"x".repeat(1_000)}`],
    ["nothing", ""],
    ["a number", 7],
    ["null", null],
  ])("[TRC-1] that is %s counts as none, and refuses nothing", (_what, text) => {
    expect(readTraceparent(text)).toBeUndefined();
    const frame = v.object({ traceparent: traceparentSchema });
    expect(v.parse(frame, { traceparent: text })).toEqual({ traceparent: undefined });
  });

  test("[TRC-1] is not made up where there is none", () => {
    expect(v.parse(v.object({ traceparent: traceparentSchema }), {})).toEqual({});
  });
});
