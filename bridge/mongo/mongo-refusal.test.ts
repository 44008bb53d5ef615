import { BSON, MongoServerError } from "mongodb";
import { expect, test } from "vitest";
import { isRefusedForGood } from "./mongo-refusal.ts";

const answer = (code: number) => new MongoServerError({ message: "no", code });

test.each([22, 121, 10_334, 17_419, 17_420])(
  "the server's code %i speaks of one document, for good",
  (code) => {
    expect(isRefusedForGood(answer(code))).toBe(true);
  },
);

test("a document that cannot be written as BSON is refused for good", () => {
  const endless: Record<string, unknown> = {};
  endless["self"] = endless;
  expect(() => BSON.serialize(endless)).toThrow(
    expect.toSatisfy((error: unknown) => isRefusedForGood(error)),
  );
});

test.each([
  ["a value that the server does not like", answer(2)],
  ["another bridge's upsert", answer(11_000)],
  ["credentials", answer(18)],
  ["a full disk", answer(14_031)],
  ["an election", answer(10_107)],
  ["anything else", new Error("no")],
])("%s is tried again", (_what, error) => {
  expect(isRefusedForGood(error)).toBe(false);
});
