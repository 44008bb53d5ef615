import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { foundGroup, range, user } from "./support/conversations.ts";
import { conversationOf } from "./support/conversations.ts";

function inboxOf(userId: string) {
  return env.INBOX.getByName(userId);
}

function id(text: string) {
  return conversationOf(text).id;
}

/** All pages of a user's list, one after the other. */
async function allPages(userId: string, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? { limit } : { limit, cursor };
    const page = await inboxOf(userId).list(query);
    pages.push(page.conversationIds);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

test("an inbox nobody wrote to is an empty page", async () => {
  expect(await inboxOf(crypto.randomUUID()).list({ limit: 10 })).toEqual({
    conversationIds: [],
    totalCount: 0,
    nextCursor: null,
  });
});

test("pages go from the newest to the oldest, and the last one has no cursor", async () => {
  const userId = crypto.randomUUID();
  for (const n of range(1, 5)) await inboxOf(userId).joined(id(`c${n}`), n * 10);
  expect(await allPages(userId, 2)).toEqual([["c5", "c4"], ["c3", "c2"], ["c1"]]);
  expect(await allPages(userId, 5)).toEqual([["c5", "c4", "c3", "c2", "c1"]]);
  expect((await inboxOf(userId).list({ limit: 2 })).totalCount).toBe(5);
});

test("hearing of a conversation again changes nothing, not even its place", async () => {
  const userId = crypto.randomUUID();
  await inboxOf(userId).joined(id("c1"), 10);
  await inboxOf(userId).joined(id("c2"), 20);
  await inboxOf(userId).joined(id("c1"), 30);
  expect(await allPages(userId, 10)).toEqual([["c2", "c1"]]);
});

test.each(["", "nonsense", "1", "99999999999999999999.c1"])(
  "a cursor that no page gave, %j, starts at the newest",
  async (cursor) => {
    const userId = crypto.randomUUID();
    await inboxOf(userId).joined(id("c1"), 10);
    expect((await inboxOf(userId).list({ limit: 5, cursor })).conversationIds).toEqual(["c1"]);
  },
);

test("whatever was joined when: pages of any size add up to the whole list, each conversation once", async () => {
  const joins = fc.array(fc.nat({ max: 4 }), { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(joins, fc.integer({ min: 1, max: 7 }), async (times, limit) => {
      const userId = crypto.randomUUID();
      const known = times.map((at, index) => ({ at, id: id(`c${index}`) }));
      await Promise.all(known.map((each) => inboxOf(userId).joined(each.id, each.at)));
      const newestFirst = known.toSorted((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
      const pages = await allPages(userId, limit);
      expect(pages.flat()).toEqual(newestFirst.map((each) => each.id));
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
    }),
    { numRuns: 20 },
  );
});

test("a founding reaches the Inbox of every member, more than one round of them", async () => {
  const members = range(1, 70).map(() => crypto.randomUUID());
  const conversation = await foundGroup(members);
  for (const member of members) {
    const page = await inboxOf(user(member)).list({ limit: 10 });
    expect(page.conversationIds).toEqual([conversation.id]);
  }
});
