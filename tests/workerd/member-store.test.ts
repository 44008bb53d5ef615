import { runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MemberStore } from "../../durable-objects/conversation/stores/member-store.ts";
import { TalliedSql } from "../../durable-objects/storage/tallied-sql.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { foundGroup, range } from "./support/conversations.ts";
import { freshUser } from "./support/people.ts";

const PEOPLE = range(1, 4).map(() => freshUser());

const put = fc.record({
  userId: fc.constantFrom(...PEOPLE),
  role: fc.constantFrom("member" as const, "moderator" as const),
  mutedUntil: fc.nat(2),
});
const deed = fc.oneof(
  { weight: 4, arbitrary: put.map((member) => ({ type: "put" as const, member })) },
  { weight: 2, arbitrary: put.map((member) => ({ type: "undo" as const, member })) },
  { weight: 2, arbitrary: put.map(({ userId }) => ({ type: "drop" as const, userId })) },
  { weight: 1, arbitrary: fc.constant({ type: "dropAll" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("announced" as const, "turned" as const),
      userId: fc.constantFrom(...PEOPLE),
      visibility: fc.nat(3),
    }),
  },
);

type ValueOf<Source> = Source extends fc.Arbitrary<infer Value> ? Value : never;

test("whatever becomes of members, what is remembered of them is what is stored", async () => {
  const { stub } = await foundGroup([freshUser()]);
  await runInDurableObject(stub, (_, { storage }) => {
    const open = () => new MemberStore(new TalliedSql(storage.sql));
    const sightOf = (members: MemberStore) => ({
      few: members.few(),
      named: members.named(),
      count: members.count(),
      unseen: [...members.unseen].toSorted(),
      each: PEOPLE.map((userId) => [members.find(userId), members.slot(userId)]),
    });
    const members = open();
    const add = (member: ValueOf<typeof put>) =>
      members.put({ ...member, name: "Person", joinedAt: 1, joinedSeq: 0, historyFrom: 0 });
    const isAsStored = () => {
      expect(sightOf(members)).toEqual(sightOf(open()));
      expect(members.few()).toEqual(members.page(LIMITS.smallConversation));
    };
    const take = (each: ValueOf<typeof deed>) => {
      if (each.type === "put") add(each.member);
      if (each.type === "drop") members.drop(each.userId);
      if (each.type === "dropAll") members.dropAll();
      if (each.type === "announced") members.markAnnounced(each.userId, each.visibility);
      if (each.type === "turned") members.setVisibility(each.userId, each.visibility);
      if (each.type !== "undo") return;
      const undone = new Error("undone");
      const change = () =>
        storage.transactionSync(() => {
          add(each.member);
          sightOf(members);
          throw undone;
        });
      expect(change).toThrow(undone);
      members.forgetAll();
    };
    fc.assert(
      fc.property(fc.array(deed, { minLength: 1, maxLength: 20 }), (deeds) => {
        isAsStored();
        for (const each of deeds) {
          take(each);
          isAsStored();
        }
      }),
    );
  });
});
