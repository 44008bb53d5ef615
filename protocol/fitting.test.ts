import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { clientFrameSchema } from "./client-frames.ts";
import { fitting } from "./fitting.ts";

const person = v.object({ name: v.pipe(v.string(), v.minLength(1)), age: v.number() });

function refusalOf(schema: v.GenericSchema, value: unknown) {
  const read = fitting(schema, value);
  if (read.ok) throw new Error("it fits");
  return read.error;
}

describe("[ERR-1] what does not fit", () => {
  test.each([
    ["something absent", {}, "MISSING_DATA", ["name", "age"]],
    ["something wrong", { name: 7, age: 1 }, "INVALID_DATA", ["name"]],
    ["something empty", { name: "", age: 1 }, "INVALID_DATA", ["name"]],
    ["both", { age: "old" }, "INVALID_DATA", ["name", "age"]],
    ["no object", "text", "INVALID_DATA", [""]],
  ])("%s is told by its code, and by the names of the fields", (_name, value, code, fields) => {
    const refused = refusalOf(person, value);
    expect(refused.code).toBe(code);
    expect(refused.errors?.map(({ field }) => field)).toEqual(fields);
    expect(refused.message.startsWith(fields[0] === "" ? "" : `${fields[0]}: `)).toBe(true);
  });

  test.each<[v.GenericSchema, unknown, string]>([
    [v.object({ a: v.object({ b: v.string() }) }), { a: {} }, "a.b: is missing"],
    [v.object({ a: v.array(v.string()) }), { a: ["x", 7] }, "a.1: must be text"],
    [v.string(), undefined, "is missing"],
    [v.number(), "7", "must be a number"],
    [v.boolean(), 1, "must be true or false"],
    [v.object({}), 1, "must be an object"],
    [v.array(v.string()), {}, "must be a list"],
    [v.picklist(["DELIVERED", "READ"]), "SEEN", 'must be "DELIVERED" or "READ"'],
    [v.literal(1), 2, "must be 1"],
    [v.union([v.string(), v.number(), v.null()]), {}, "must be text, a number or null"],
    [v.pipe(v.string(), v.minLength(2)), "x", "must have at least 2 characters"],
    [v.pipe(v.string(), v.maxLength(2)), "xyz", "must have at most 2 characters"],
    [v.pipe(v.array(v.number()), v.maxLength(1)), [1, 2], "must have at most 1 entries"],
    [v.pipe(v.array(v.number()), v.length(2)), [1], "must have 2 entries"],
    [v.pipe(v.number(), v.minValue(1)), 0, "must be at least 1"],
    [v.pipe(v.number(), v.maxValue(9)), 10, "must be at most 9"],
    [v.pipe(v.number(), v.safeInteger()), 0.5, "must be a whole number"],
    [v.pipe(v.string(), v.email()), "x", "must be an email address"],
    [v.pipe(v.string(), v.uuid()), "x", "must be a UUID"],
    [v.pipe(v.string(), v.regex(/^a$/)), "x", "is not valid"],
    [v.pipe(v.string(), v.regex(/^a$/, "is not an a")), "x", "is not an a"],
  ])("%# %j is told in plain words", (schema, value, message) => {
    expect(refusalOf(schema, value).message).toBe(message);
  });

  test("never repeats what was sent, and says nothing in the words of the library", () => {
    const marked = fc.string({ minLength: 3 }).map((text) => `<${text}>`);
    const frame = fc.record(
      {
        type: fc.oneof(marked, fc.constantFrom("send", "edit", "delete", "hello", "react")),
        clientMessageId: fc.oneof(marked, fc.integer()),
        message: fc.oneof(marked, fc.record({ content: fc.integer(), type: marked })),
        seq: marked,
        scope: marked,
      },
      { requiredKeys: [] },
    );
    let refused = 0;
    fc.assert(
      fc.property(frame, (value) => {
        const read = fitting(clientFrameSchema, value);
        if (read.ok) return;
        refused++;
        const told = JSON.stringify(read.error);
        expect(told).not.toMatch(/[<>]|Invalid|Expected|received/);
      }),
    );
    expect(refused).toBeGreaterThan(0);
  });
});
