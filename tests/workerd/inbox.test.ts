import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { LIMITS } from "../../protocol/limits.ts";
import type { ListPlace, ListQuery } from "../../edge/rpc/inbox-rpc.ts";
import { asMember } from "../support/changes.ts";
import {
  foundGroup,
  range,
  send,
  valueOf,
  viewOf,
  type TestConversation,
} from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { freshUser, inboxOf } from "./support/people.ts";
import { handOvers, PLAYED_GATEWAYS, playGateway, pokesOf } from "./worker.ts";

const entrySchema = v.object({
  conversationId: v.string(),
  lastSeq: v.number(),
  unreadCount: v.number(),
  mentionCount: v.number(),
  readSeq: v.number(),
  muted: v.boolean(),
  pinned: v.boolean(),
  archived: v.boolean(),
  markedUnread: v.boolean(),
});

async function listOf(userId: string, query: Partial<ListQuery> = {}) {
  const page = await inboxOf(userId).list({ limit: 500, includeArchived: false, ...query });
  const { next, totalCount, totalUnread, unreadConversations, removed, syncedAt } = page;
  const entries = v.parse(v.array(entrySchema), JSON.parse(page.conversations));
  return { entries, next, totalCount, totalUnread, unreadConversations, removed, syncedAt };
}

const idsOf = async (userId: string, query: Partial<ListQuery> = {}) =>
  (await listOf(userId, query)).entries.map(({ conversationId }) => conversationId);

/** Until the Inbox has been told of this head. */
function told(userId: string, { id }: TestConversation, head: number) {
  return expect
    .poll(() => pokesOf(userId).some(({ poke }) => poke.conversationId === id && poke.head >= head))
    .toBe(true);
}

describe("the list", () => {
  test("is empty for whom nobody ever wrote to", async () => {
    expect(await listOf(crypto.randomUUID())).toMatchObject({
      entries: [],
      totalCount: 0,
      totalUnread: 0,
      next: null,
    });
  });

  test("has a conversation from its founding on, of every member, more than one round of them", async () => {
    const members = range(1, 70).map(() => freshUser());
    const { id } = await foundGroup(members);
    for (const member of members) {
      await expect.poll(() => inboxOf(member).conversationIds()).toEqual([id]);
    }
  });

  test("says what the newest message is and how many are unread, newest activity first", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const [first, second] = [await foundGroup([ada, bob]), await foundGroup([ada, bob])];
    await send(second, ada, "k1");
    await send(first, ada, "k2");
    await send(first, ada, "k3");
    await told(bob, first, 2);
    await told(bob, second, 1);
    const { entries, totalUnread, unreadConversations } = await listOf(bob);
    expect(entries).toMatchObject([
      { conversationId: first.id, lastSeq: 2, unreadCount: 2 },
      { conversationId: second.id, lastSeq: 1, unreadCount: 1 },
    ]);
    expect([totalUnread, unreadConversations]).toEqual([3, 2]);
  });

  test("whatever the activity: pages of any size add up to the whole list, each conversation once", async () => {
    const ada = freshUser();
    const groups = await Promise.all(range(1, 12).map(() => foundGroup([ada])));
    await Promise.all(groups.slice(0, 5).map((group) => send(group, ada, "k")));
    for (const group of groups.slice(0, 5)) await told(ada, group, 1);
    const whole = await idsOf(ada);
    expect(new Set(whole)).toEqual(new Set(groups.map(({ id }) => id)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 13 }), async (limit) => {
        const pages: string[][] = [];
        let after: ListPlace | null = null;
        do {
          const query: Partial<ListQuery> = after === null ? { limit } : { limit, after };
          const page: Awaited<ReturnType<typeof listOf>> = await listOf(ada, query);
          pages.push(page.entries.map(({ conversationId }) => conversationId));
          after = page.next;
        } while (after !== null);
        expect(pages.flat()).toEqual(whole);
        expect(pages).toHaveLength(Math.ceil(whole.length / limit));
        expect(await idsOf(ada, { limit, page: 2 })).toEqual(whole.slice(limit, 2 * limit));
      }),
      { numRuns: 8 },
    );
  });

  test("tells who asks again only what changed, and what left", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const [quiet, busy, left] = await Promise.all([
      foundGroup([ada, bob]),
      foundGroup([ada, bob]),
      foundGroup([ada, bob]),
    ]);
    for (const group of [quiet, busy, left]) await told(bob, group, 0);
    const { syncedAt } = await listOf(bob);
    await expect.poll(() => Date.now()).toBeGreaterThan(syncedAt);
    await send(busy, ada, "k");
    await told(bob, busy, 1);
    valueOf(await left.rpc.change(asMember(bob), "bye", { type: "leave" }));
    await expect.poll(async () => (await inboxOf(bob).conversationIds()).length).toBe(2);
    const changed = await listOf(bob, { changedSince: syncedAt + 1 });
    expect(changed.entries.map(({ conversationId }) => conversationId)).toEqual([busy.id]);
    expect(changed.removed).toEqual([left.id]);
  });
});

test("[INB-1] after any history the unread count of the list is the one of the conversation", async () => {
  const [ada, bob, eve] = [freshUser(), freshUser(), freshUser()];
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("adaSends", "eveSends", "adaMentionsBob") },
    { weight: 2, arbitrary: fc.constantFrom("bobReads", "bobReadsSome", "bobSends") },
    {
      weight: 2,
      arbitrary: fc.constantFrom("adaDeletes", "bobHides", "bobBlocksEve", "bobLetsEveIn"),
    },
  );
  const history = fc.array(step, { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(history, step, async (before, last) => {
      const group = await foundGroup([ada, bob, eve]);
      // from here on the Inbox is told, and does not ask
      await told(bob, group, 0);
      let [n, head] = [0, 0];
      const say = async (userId: string, mentions?: string[]) => {
        const message = { type: "TEXT" as const, content: `m${n}`, ...(mentions && { mentions }) };
        const sends = [{ clientMessageId: `k${n++}`, message }] as const;
        const appended = await group.rpc.append(asMember(userId), { sends: [...sends] });
        head = valueOf(appended)[0]?.seq ?? head;
      };
      const take = async (each: string) => {
        switch (each) {
          case "adaSends":
            await say(ada);
            break;
          case "eveSends":
            await say(eve);
            break;
          case "adaMentionsBob":
            await say(ada, [bob]);
            break;
          case "bobSends":
            await say(bob);
            break;
          case "bobReads":
            valueOf(await group.rpc.receive(bob, "all", "now"));
            break;
          case "bobReadsSome":
            valueOf(await group.rpc.receive(bob, { read: Math.floor(head / 2) }, "now"));
            break;
          case "adaDeletes":
            await group.rpc.change(asMember(ada), `k${n++}`, { type: "delete", target: head });
            break;
          case "bobHides":
            await group.rpc.hide(bob, head);
            break;
          case "bobLetsEveIn":
            await inboxOf(bob).block(eve, false);
            break;
          case "bobBlocksEve":
            await inboxOf(bob).block(eve, true);
            break;
        }
      };
      const settled = async () => {
        const { me, head: end } = await viewOf(group, bob);
        await expect
          .poll(async () => {
            const { entries } = await listOf(bob);
            return entries.find(({ conversationId }) => conversationId === group.id);
          })
          .toMatchObject({
            lastSeq: end,
            unreadCount: me.unread,
            mentionCount: me.mentions,
            readSeq: me.read,
          });
      };
      for (const each of ["adaSends", "eveSends", ...before]) await take(each);
      await settled();
      // alone, so that no other change brings it to the Inbox
      await take(last);
      await settled();
      expect(pokesOf(bob).every(({ poke }) => poke.upkeep === "kept")).toBe(true);
    }),
    {
      numRuns: 12,
      examples: [
        [[], "bobReads"],
        [[], "bobHides"],
        [[], "bobBlocksEve"],
        [[], "adaDeletes"],
      ],
    },
  );
}, 180_000); // each history waits for pokes, which come once a second

describe("a poke", () => {
  test("[INB-1] goes to a member at most once a second, and the last one has everything", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const group = await foundGroup([ada, bob]);
    await told(bob, group, 0);
    const start = performance.now();
    await Promise.all(range(1, 200).map((n) => send(group, ada, `k${n}`)));
    await told(bob, group, 200);
    const seconds = Math.ceil((performance.now() - start) / 1_000);
    const heads = pokesOf(bob).map(({ poke }) => poke.head);
    expect(heads.length).toBeLessThanOrEqual(2 + seconds);
    expect(heads.at(-1)).toBe(200);
  });

  test("tells whoever follows live once that he does, and the rest when he leaves", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const group = await foundGroup([ada, bob]);
    await told(bob, group, 0);
    const socket = await MemberSocket.join(group.id, bob);
    await expect.poll(() => pokesOf(bob).at(-1)?.poke.upkeep).toBe("live");
    const before = pokesOf(bob).length;
    for (const n of range(1, 3)) await send(group, ada, `k${n}`);
    await told(ada, group, 3);
    expect(pokesOf(bob)).toHaveLength(before);
    // nobody told the Inbox, and the list is right all the same
    expect((await listOf(bob)).entries).toMatchObject([{ lastSeq: 3, unreadCount: 3 }]);
    socket.socket.close(1000);
    await told(bob, group, 3);
    expect(pokesOf(bob).at(-1)?.poke).toMatchObject({ upkeep: "kept", unread: 3 });
  });

  test("in a large conversation goes to whom it mentions alone; the others ask", async () => {
    const [ada, bob, carol] = [freshUser(), freshUser(), freshUser()];
    const others = range(1, LIMITS.smallConversation - 2).map(() => freshUser());
    const group = await foundGroup([ada, bob, carol, ...others]);
    await expect.poll(async () => (await inboxOf(carol).conversationIds()).length).toBe(1);
    const message = { type: "TEXT" as const, content: "@bob", mentions: [bob] };
    await group.rpc.append(asMember(ada), { sends: [{ clientMessageId: "k", message }] });
    await told(bob, group, 1);
    expect(pokesOf(carol)).toEqual([]);
    expect((await listOf(carol)).entries).toMatchObject([{ lastSeq: 1, unreadCount: 1 }]);
    expect((await listOf(bob)).entries).toMatchObject([{ unreadCount: 1, mentionCount: 1 }]);
  });

  test("[INB-2] hands news to the user's Gateway, which the Conversation then subscribes", async () => {
    const [ada, bob] = [freshUser(PLAYED_GATEWAYS), freshUser(PLAYED_GATEWAYS)];
    const gateway = crypto.randomUUID();
    const delivered: number[] = [];
    playGateway(gateway, async ({ events, firstSeq }) => {
      const count = v.parse(v.array(v.unknown()), JSON.parse(events)).length;
      delivered.push(...range(firstSeq, firstSeq + count - 1));
      return { following: true };
    });
    const group = await foundGroup([ada, bob], PLAYED_GATEWAYS);
    await told(bob, group, 0);
    const handed = handOvers(gateway);
    await inboxOf(bob).connected(gateway, "c1");
    await send(group, ada, "k1");
    await expect.poll(() => handed.length).toBe(1);
    expect(handed[0]).toMatchObject({ conversationId: group.id, firstSeq: 1, head: 1 });
    await expect.poll(() => pokesOf(bob).at(-1)?.poke.upkeep).toBe("live");
    await send(group, ada, "k2");
    await expect.poll(() => delivered).toEqual([2]);
    expect(handed).toHaveLength(1);
  });

  test("[INB-3] that was lost is made up for by reconciling, twice as well as once", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const group = await foundGroup([ada, bob]);
    await send(group, ada, "k1");
    await told(bob, group, 1);
    const right = await listOf(bob);
    await runInDurableObject(inboxOf(bob), (_inbox, { storage }) => {
      storage.sql.exec("UPDATE entry SET head = 0, stamp = 0, unread = 7, summary = '{}'");
      storage.sql.exec("INSERT INTO membership (conversation_id, joined_at) VALUES ('gone', 1)");
    });
    // it reads its rows when it wakes
    await evictDurableObject(inboxOf(bob));
    for (const _ of range(1, 2)) {
      await inboxOf(bob).reconcile();
      expect({ ...(await listOf(bob)), syncedAt: 0 }).toEqual({ ...right, syncedAt: 0 });
    }
  });
});

describe("preferences", () => {
  test("are the member's own; an archived conversation comes back with a message unless muted", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const [loud, muted] = [await foundGroup([ada, bob]), await foundGroup([ada, bob])];
    for (const group of [loud, muted]) await told(bob, group, 0);
    await inboxOf(bob).prefer(loud.id, { archived: true, pinned: true });
    await inboxOf(bob).prefer(muted.id, { archived: true, muted: true });
    expect(await idsOf(bob)).toEqual([]);
    expect((await idsOf(bob, { includeArchived: true })).length).toBe(2);
    for (const group of [loud, muted]) await send(group, ada, "k");
    for (const group of [loud, muted]) await told(bob, group, 1);
    expect((await listOf(bob)).entries).toMatchObject([
      { conversationId: loud.id, pinned: true, archived: false },
    ]);
    expect(
      (await listOf(ada)).entries.map(({ pinned, muted: isMuted }) => [pinned, isMuted]),
    ).toEqual([
      [false, false],
      [false, false],
    ]);
  });

  test("marked as unread counts as unread until it is read", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const group = await foundGroup([ada, bob]);
    await told(bob, group, 0);
    await inboxOf(bob).prefer(group.id, { markedUnread: true });
    expect(await listOf(bob)).toMatchObject({ unreadConversations: 1, totalUnread: 0 });
    await send(group, ada, "k");
    await told(bob, group, 1);
    valueOf(await group.rpc.receive(bob, "all", "now"));
    await expect.poll(async () => (await listOf(bob)).unreadConversations).toBe(0);
  });

  test("of a conversation one is not in are none", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const { id } = await foundGroup([ada]);
    expect(await inboxOf(bob).prefer(id, { muted: true })).toBeNull();
  });
});
