import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { asMember } from "../support/changes.ts";
import {
  foundGroup,
  range,
  send,
  sendMany,
  valueOf,
  type TestConversation,
} from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import type { IoClient } from "./support/io-client.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser, inboxOf } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";
import { handOvers, PLAYED_GATEWAYS, pokesOf } from "./worker.ts";

const entrySchema = v.looseObject({
  conversationId: v.string(),
  lastSeq: v.number(),
  unreadCount: v.number(),
  name: v.nullable(v.string()),
});

/** Until the client is told of an entry like this; answers how many entries came. */
async function entryLike(client: IoClient, wanted: object): Promise<number> {
  for (let count = 1; ; count++) {
    const entry = await client.nextEvent("conversationUpdated");
    try {
      expect(entry).toMatchObject(wanted);
      return count;
    } catch {
      // a state on the way there
    }
  }
}

/** Frames of this type about the conversation, until an entry has this seq. */
async function nativeEntry(native: Multiplexed, { id }: TestConversation, lastSeq: number) {
  for (;;) {
    const { entry } = await native.next(id, "entry");
    const parsed = v.parse(entrySchema, entry);
    if (parsed.lastSeq === lastSeq) return parsed;
  }
}

describe("[INB-4] the list is pushed", () => {
  test("to Socket.IO when the last message, the unread count or the name changes", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const group = await foundGroup([me, you]);
    const ada = await place.connect(me);
    await send(group, you, "k1");
    const lastMessage = { content: "k1" };
    await entryLike(ada, { conversationId: group.id, lastSeq: 1, unreadCount: 1, lastMessage });
    valueOf(await group.rpc.receive(me, "all", "now"));
    await entryLike(ada, { conversationId: group.id, unreadCount: 0 });
    valueOf(
      await group.rpc.change(asMember(me), "k", { type: "configure", change: { name: "Renamed" } }),
    );
    await entryLike(ada, { conversationId: group.id, name: "Renamed", lastSeq: 2 });
    await inboxOf(me).prefer(group.id, { muted: true });
    await entryLike(ada, { conversationId: group.id, muted: true, archived: false });
  });

  test("[MUX-5] to whoever does not belong to it any more, once, wherever he looks", async () => {
    const [me, you] = [freshUser(), freshUser()];
    const group = await foundGroup([me, you]);
    const native = await Multiplexed.open(new EdgePlace(), await mintToken(you));
    const ada = await new EdgePlace().connect(you);
    await expect.poll(async () => (await inboxOf(you).conversationIds()).length).toBe(1);
    const remove = { type: "removeMember", userId: you } as const;
    valueOf(await group.rpc.change(asMember(me), "k", remove));
    await entryLike(ada, { conversationId: group.id, removed: true });
    for (;;) {
      const { entry } = await native.next(group.id, "entry");
      if (typeof entry === "object" && entry !== null && "removed" in entry) break;
    }
    expect(await inboxOf(you).conversationIds()).toEqual([]);
  });

  test("at most once a second for one conversation, and the last one has everything", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const group = await foundGroup([me, you]);
    const ada = await place.connect(me);
    const startedAt = performance.now();
    await sendMany(group, you, 200);
    const count = await entryLike(ada, { lastSeq: 200, unreadCount: 200 });
    const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
    expect(count).toBeLessThanOrEqual(2 + seconds);
  });

  test("to a second place of somebody who follows live at a first one, whichever came first", async () => {
    const [me, you] = [freshUser(), freshUser()];
    const group = await foundGroup([me, you]);
    const early = await Multiplexed.open(new EdgePlace(), await mintToken(me));
    await expect
      .poll(async () => (await inboxOf(me).presence({ userId: me, conversationIds: [] }))?.online)
      .toBe(true);
    const ada = await new EdgePlace().connect(me);
    for (const n of range(1, 2)) {
      await send(group, you, `k${n}`);
      await nativeEntry(early, group, n);
      await early.next(group.id, "news");
      await entryLike(ada, { lastSeq: n });
    }
    early.socket.close(1000);
    await early.closed;
    // from here on the conversation tells Ada's Gateway alone
    await expect.poll(() => isPoked(me, you, group)).toBe(false);
    const late = await Multiplexed.open(new EdgePlace(), await mintToken(me));
    await expect.poll(() => isPoked(me, you, group)).toBe(true);
    const { seq } = await send(group, you, "last");
    await nativeEntry(late, group, seq);
    await entryLike(ada, { lastSeq: seq });
  });

  test("[MUX-5] to a place of somebody who follows live on a direct socket", async () => {
    const [me, you] = [freshUser(), freshUser()];
    const group = await foundGroup([me, you]);
    const socket = await MemberSocket.join(group.id, me);
    const native = await Multiplexed.open(new EdgePlace(), await mintToken(me));
    for (const n of range(1, 3)) {
      await send(group, you, `k${n}`);
      expect(await nativeEntry(native, group, n)).toMatchObject({ unreadCount: n });
    }
    socket.socket.close(1000);
  });
});

/** Whether a message of one member is told to the other one's Inbox. */
async function isPoked(userId: string, sender: string, group: TestConversation): Promise<boolean> {
  const before = pokesOf(userId).length;
  const { seq } = await send(group, sender, crypto.randomUUID());
  // both hear in one round
  await expect.poll(() => pokesOf(sender).some(({ poke }) => poke.head >= seq)).toBe(true);
  return pokesOf(userId).length > before;
}

test("[INB-2] the first news of a new conversation begin after its founding", async () => {
  const [me, you] = [freshUser(), freshUser(PLAYED_GATEWAYS)];
  const gateway = crypto.randomUUID();
  const handed = handOvers(gateway);
  await inboxOf(you).connected(gateway, "c1");
  const group = await foundGroup([me, you], PLAYED_GATEWAYS);
  await expect.poll(() => handed.length).toBe(1);
  expect(handed[0]).toMatchObject({
    conversationId: group.id,
    events: "[]",
    firstSeq: 1,
    head: 0,
  });
});

test("[INB-1] the list says what became of the last message, also when nothing else changes", async () => {
  const [me, you, other] = [freshUser(), freshUser(), freshUser()];
  const group = await foundGroup([me, you, other]);
  await send(group, me, "k1");
  const statusIn = async (userId: string) => {
    const { conversations } = await inboxOf(userId).list({ limit: 1, includeArchived: false });
    const [entry] = v.parse(
      v.array(v.object({ lastMessage: v.nullable(v.object({ status: v.string() })) })),
      JSON.parse(conversations),
    );
    return entry?.lastMessage?.status;
  };
  await expect.poll(() => statusIn(me)).toBe("SENT");
  for (const reader of [you, other]) {
    valueOf(await group.rpc.receive(reader, { delivered: 1 }, "now"));
  }
  await expect.poll(() => statusIn(me)).toBe("DELIVERED");
  for (const reader of [you, other]) valueOf(await group.rpc.receive(reader, "all", "now"));
  for (const member of [me, you, other]) await expect.poll(() => statusIn(member)).toBe("READ");
  expect(new Set(pokesOf(me).map(({ poke }) => poke.upkeep))).toEqual(new Set(["kept"]));
});
