import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  directConversationId,
  directPair,
  messageIdOf,
  parseConversationId,
  parseGroupId,
  parseMessageId,
  parseSeq,
  parseUserId,
  SYSTEM_NOTIFICATION,
  type ConversationId,
  type UserId,
} from "./ids.ts";

const userId = fc
  .string({ unit: "binary", minLength: 1, maxLength: 40 })
  .filter((text) => text.isWellFormed() && text.length <= 200)
  .map(userOf);
const groupId = fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/).map(groupOf);

function userOf(text: string): UserId {
  const parsed = parseUserId(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function groupOf(text: string): ConversationId {
  const parsed = parseGroupId(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

test("[AUTH-1] nobody can be the deployment's own voice", () => {
  expect(parseUserId(SYSTEM_NOTIFICATION).ok).toBe(false);
});

describe("a direct conversation's id", () => {
  test.each([
    ["bob", "alice", "alice_bob"],
    ["a_b", "c", "a~5Fb_c"],
    ["a.b", "a~b", "a~2Eb_a~7Eb"],
    ["Zoë", "x", "Zo~C3~AB_x"],
  ])("of %s and %s is %s", (one, other, id) => {
    expect(directConversationId(userOf(one), userOf(other))).toBe(id);
  });

  test("is the same from both sides, parses, and gives the two users back", () => {
    fc.assert(
      fc.property(userId, userId, (one, other) => {
        const id = directConversationId(one, other);
        expect(directConversationId(other, one)).toBe(id);
        expect(parseConversationId(id)).toEqual({ ok: true, value: id });
        expect(new Set(directPair(id))).toEqual(new Set([one, other]));
      }),
    );
  });

  test("belongs to no other two users", () => {
    fc.assert(
      fc.property(userId, userId, userId, userId, (a, b, c, d) => {
        const isSamePair = (a === c && b === d) || (a === d && b === c);
        expect(directConversationId(a, b) === directConversationId(c, d)).toBe(isSamePair);
      }),
    );
  });

  test.each(["b_a", "a_b_c", "_a", "a_", "a_~zz", "a_~5f", "a~_b", "a b_c", "a_~41", "a_~C3"])(
    "is not %s, another spelling of one or none",
    (text) => {
      expect(parseConversationId(text)).toMatchObject({ ok: false });
    },
  );
});

describe("a group's id", () => {
  test("is a conversation's, and never looks like a direct one's", () => {
    fc.assert(
      fc.property(groupId, (id) => {
        expect(parseConversationId(id)).toEqual({ ok: true, value: id });
        expect(directPair(id)).toBeNull();
      }),
    );
  });

  test.each(["", "a_b", "a.b", "a b", "é", "a/b", "x".repeat(65), 7, null, undefined, {}])(
    "is not %j",
    (value) => {
      expect(parseGroupId(value)).toMatchObject({ ok: false, error: { code: "INVALID_DATA" } });
    },
  );
});

describe("a message id", () => {
  test("carries its conversation and its seq", () => {
    const conversationId = fc.oneof(
      groupId,
      fc.tuple(userId, userId).map(([one, other]) => directConversationId(one, other)),
    );
    fc.assert(
      fc.property(conversationId, fc.maxSafeNat(), (conversationId, seq) => {
        expect(parseMessageId(messageIdOf(conversationId, seq))).toEqual({
          ok: true,
          value: { conversationId, seq },
        });
      }),
    );
  });

  test.each([
    "team",
    "team.",
    ".1",
    "team.-1",
    "team.01",
    "team.1.2",
    "team.1e3",
    "b_a.1",
    7,
    null,
  ])("is not %j", (value) => {
    expect(parseMessageId(value)).toMatchObject({ ok: false });
  });

  test("has no seq beyond what a number holds exactly", () => {
    expect(parseMessageId("team.9007199254740991")).toMatchObject({ ok: true });
    expect(parseMessageId("team.9007199254740992")).toMatchObject({ ok: false });
  });
});

test.each([-1, 0.5, NaN, Infinity, 2 ** 53, "1", null])("[ORD-1] %j is no seq", (value) => {
  expect(parseSeq(value)).toMatchObject({ ok: false });
});

test.each(["", "x".repeat(201), "\ud800", 7, null, undefined])("%j is no user id", (value) => {
  expect(parseUserId(value)).toMatchObject({ ok: false, error: { code: "INVALID_DATA" } });
});

test("whatever is parsed, parsing does not throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.stringMatching(/^[~_.A-F0-9a-z%]*$/)), (value) => {
      for (const parse of [
        parseSeq,
        parseUserId,
        parseConversationId,
        parseGroupId,
        parseMessageId,
      ]) {
        expect(typeof parse(value).ok).toBe("boolean");
      }
    }),
  );
});
