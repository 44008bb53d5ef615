import fc from "fast-check";
import { expect, test } from "vitest";
import type { OtherChange } from "../../core/changes/change.ts";
import { ROLES } from "../../protocol/member.ts";
import { ModelledConversation, type Step } from "./support/modelled-conversation.ts";

const FOUNDERS = ["ada", "bo", "cy"];
const EVERYBODY = [...FOUNDERS, "di", "eve"];

const somebody = fc.constantFrom(...FOUNDERS, ...FOUNDERS, ...EVERYBODY);
const target = fc.integer({ min: 1, max: 40 });
const emoji = fc.constantFrom("👍", "🎉", "❤️");

const change: fc.Arbitrary<OtherChange> = fc.oneof(
  fc.record({
    type: fc.constant("edit" as const),
    target,
    content: fc.string({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({ type: fc.constant("delete" as const), target }),
  fc.record({ type: fc.constant("react" as const), target, emoji, active: fc.boolean() }),
  fc.record({
    type: fc.constant("addMembers" as const),
    people: fc
      .uniqueArray(somebody, { minLength: 1, maxLength: 3 })
      .map((ids) => ids.map((userId) => ({ userId, name: userId }))),
  }),
  fc.record({ type: fc.constant("removeMember" as const), userId: somebody }),
  fc.record({ type: fc.constant("ban" as const), userId: somebody, active: fc.boolean() }),
  fc.record({
    type: fc.constant("mute" as const),
    userId: somebody,
    until: fc.constantFrom(0, 9e12),
  }),
  fc.record({
    type: fc.constant("setRole" as const),
    userId: somebody,
    role: fc.constantFrom(...ROLES),
  }),
  fc.record({ type: fc.constant("transfer" as const), userId: somebody }),
  fc.record({
    type: fc.constant("join" as const),
    name: fc.constant("me"),
    secret: fc.constantFrom(null, null, "of no invitation"),
  }),
  fc.record({ type: fc.constant("leave" as const) }),
  fc.record({
    type: fc.constant("configure" as const),
    change: fc.oneof(
      fc.record({ history: fc.constantFrom("all" as const, "joined" as const) }),
      fc.record({ join: fc.constantFrom("open" as const, "invite" as const) }),
      fc.record({ locked: fc.boolean() }),
      fc.record({ name: fc.constantFrom("One", "Two") }),
      fc.record({ send: fc.constantFrom("member" as const, "moderator" as const) }),
    ),
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("say" as const),
      by: somebody,
      mentions: fc.uniqueArray(somebody, { maxLength: 2 }),
      count: fc.constantFrom(1, 1, 1, 3),
      ifLast: fc.constantFrom(undefined, undefined, undefined, true, false),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant("change" as const), by: somebody, change }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("hide" as const), by: somebody, target }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("receive" as const),
      by: somebody,
      read: fc.nat(40),
      delivered: fc.nat(40),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("block" as const),
      by: somebody,
      blocked: somebody,
      active: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "repeat" as const }) },
);

/** One, since an object that is evicted first ends what it has under way, which takes up to a second. */
const eviction = fc.record({
  type: fc.constant("evict" as const),
  webSockets: fc.constantFrom("hibernate" as const, "close" as const),
});

const history = fc
  .tuple(fc.array(step, { minLength: 60, maxLength: 100, size: "max" }), eviction, fc.nat(60))
  .map(([steps, evict, at]): Step[] => steps.toSpliced(at, 0, evict));

test("[ORD-1] [CHG-1] [MEM-1] [RCP-6] after any history the object shows everybody what the model does", async () => {
  let stored = 0;
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const conversation = await ModelledConversation.found(FOUNDERS);
      // fast-check makes objects without a prototype, which no call can carry
      for (const each of structuredClone(steps)) await conversation.take(each);
      await conversation.compare(EVERYBODY);
      stored += conversation.head;
    }),
    { numRuns: 12 },
  );
  expect(stored, "the runs stored something").toBeGreaterThan(200);
}, 240_000);
