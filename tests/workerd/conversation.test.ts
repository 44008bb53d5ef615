import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import {
  conversationOf,
  foundGroup,
  messagesOf,
  range,
  send,
  sendMany,
  trySend,
  user,
  valueOf,
  viewOf,
} from "./support/conversations.ts";

const alice = user("alice");
const mallory = user("mallory");

function founding(id: ReturnType<typeof conversationOf>["id"], founderId = alice) {
  const members = [{ userId: founderId, name: "A", role: "owner" as const }];
  return { conversationId: id, type: "group" as const, name: "Team", founderId, members };
}

test("[ORD-1] the founding is event 0, and messages start at 1", async () => {
  const conversation = await foundGroup(["alice", "bob"]);
  expect(await send(conversation, "alice", "k1")).toMatchObject({ seq: 1, repeated: false });
  const rows = await runInDurableObject(conversation.stub, (_object, { storage }) =>
    storage.sql.exec("SELECT seq, type, sender_id FROM event ORDER BY seq").toArray(),
  );
  expect(rows).toEqual([
    { seq: 0, type: "founded", sender_id: "alice" },
    { seq: 1, type: "message", sender_id: "alice" },
  ]);
});

test("founding again changes nothing and answers the first founding", async () => {
  const { id, rpc } = conversationOf(crypto.randomUUID());
  const first = valueOf(await rpc.found(founding(id)));
  const again = valueOf(await rpc.found({ ...founding(id), name: "Other name" }));
  expect([first.created, again.created]).toEqual([true, false]);
  expect(again.view).toEqual(first.view);
});

test("of ten foundings at once one founds, and all see the same conversation", async () => {
  const { id, rpc } = conversationOf(crypto.randomUUID());
  const all = await Promise.all(range(1, 10).map(() => rpc.found(founding(id))));
  const founded = all.map(valueOf);
  expect(founded.filter(({ created }) => created)).toHaveLength(1);
  expect(new Set(founded.map(({ view }) => view.epoch)).size).toBe(1);
});

test("[ORD-2] sends of many members at once get dense seqs in one order for all", async () => {
  const members = ["alice", "bob", "carol"];
  const conversation = await foundGroup(members);
  await Promise.all(members.map((member) => sendMany(conversation, member, 50, `${member}-`)));
  const { messages } = await messagesOf(conversation, "alice", { afterSeq: 0, limit: 200 });
  expect(messages.map(({ seq }) => seq)).toEqual(range(1, 150));
  for (const member of members) {
    const own = messages.filter(({ senderId }) => senderId === member);
    expect(own.map(({ clientMessageId }) => clientMessageId)).toEqual(
      range(1, 50).map((index) => `${member}-${index}`),
    );
  }
  const others = await messagesOf(conversation, "bob", { afterSeq: 0, limit: 200 });
  expect(others.messages).toEqual(messages);
});

test("[ORD-4] times never run backwards along the log", async () => {
  const conversation = await foundGroup(["alice"]);
  await sendMany(conversation, "alice", 30);
  const { messages } = await messagesOf(conversation, "alice", { limit: 200 });
  const times = messages.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

test("the view shows members, the last message and the reader's role", async () => {
  const conversation = await foundGroup(["alice", "bob"]);
  await send(conversation, "bob", "k1", "hello");
  const view = await viewOf(conversation, "bob");
  expect(view).toMatchObject({
    conversationId: conversation.id,
    type: "group",
    name: "Team",
    head: 1,
    memberCount: 2,
    myRole: "member",
    lastMessage: {
      event: { seq: 1, senderId: "bob", message: { type: "TEXT", content: "hello" } },
    },
  });
  expect(view.members).toEqual([
    { userId: "alice", name: "ALICE", role: "owner" },
    { userId: "bob", name: "BOB", role: "member" },
  ]);
});

test("[LIM-11] a view names the first members and counts all", async () => {
  const members = range(1, LIMITS.namedMembers + 20).map((n) => `u${String(n).padStart(4, "0")}`);
  const view = await viewOf(await foundGroup(members), "u0120");
  expect(view.memberCount).toBe(members.length);
  expect(view.members.map(({ userId }) => userId)).toEqual(members.slice(0, LIMITS.namedMembers));
});

test("members come by pages, each once", async () => {
  const members = range(1, 25).map((n) => `u${String(n).padStart(4, "0")}`);
  const { rpc } = await foundGroup(members);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? { limit: 10 } : { limit: 10, cursor };
    const page = valueOf(await rpc.members(user("u0001"), query));
    expect(page.memberCount).toBe(members.length);
    found.push(...page.members.map(({ userId }) => userId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(found).toEqual(members);
});

test("history pages both ways, and says when there is more", async () => {
  const conversation = await foundGroup(["alice"]);
  await sendMany(conversation, "alice", 10);
  const page = async (query: Parameters<typeof messagesOf>[2]) => {
    const { messages, hasMore, head } = await messagesOf(conversation, "alice", query);
    expect(head).toBe(10);
    return { seqs: messages.map(({ seq }) => seq), hasMore };
  };
  expect(await page({ limit: 4 })).toEqual({ seqs: [7, 8, 9, 10], hasMore: true });
  expect(await page({ beforeSeq: 4, limit: 4 })).toEqual({ seqs: [1, 2, 3], hasMore: false });
  expect(await page({ afterSeq: 2, limit: 4 })).toEqual({ seqs: [3, 4, 5, 6], hasMore: true });
  expect(await page({ afterSeq: 6, limit: 4 })).toEqual({ seqs: [7, 8, 9, 10], hasMore: false });
  expect(await page({ afterSeq: 10, limit: 4 })).toEqual({ seqs: [], hasMore: false });
  expect(await page({ aroundSeq: 5, limit: 4 })).toEqual({ seqs: [3, 4, 5, 6], hasMore: true });
  expect(await page({ aroundSeq: 5, limit: 1 })).toEqual({ seqs: [5], hasMore: true });
});

test("a foreign user is answered exactly as if the conversation did not exist", async () => {
  const existing = await foundGroup(["alice"]);
  await send(existing, "alice", "k1");
  const missing = conversationOf(crypto.randomUUID());
  const answersOf = async (conversation: typeof existing) => {
    const { rpc, stub } = conversation;
    const headers = { upgrade: "websocket", "x-parley-user": "mallory" };
    const upgrade = await stub.fetch("https://conversation/socket", { headers });
    return {
      append: await trySend(conversation, "mallory", "k1"),
      change: await rpc.change(asMember(mallory), "k2", {
        type: "react",
        target: 1,
        emoji: "👍",
        active: true,
      }),
      upgrade: [upgrade.status, await upgrade.json()],
      reads: await Promise.all([
        rpc.view(mallory),
        rpc.members(mallory, { limit: 10 }),
        rpc.history(mallory, { limit: 10 }),
        rpc.message(mallory, 1),
        rpc.versions(mallory, 1),
        rpc.reactors(mallory, 1),
        rpc.status(mallory, 1),
        rpc.catchUp(mallory, 0),
        rpc.follow("gateway", mallory),
        rpc.receive(mallory, "all", "now"),
        rpc.hide(mallory, 1),
        rpc.typing(mallory, true),
      ]),
    };
  };
  const answers = await answersOf(existing);
  expect(answers).toEqual(await answersOf(missing));
  for (const answer of [answers.append, answers.change, ...answers.reads]) {
    expect(answer).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
  }
  expect((await viewOf(existing, "alice")).head).toBe(1);
});
