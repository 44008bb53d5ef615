import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { ConversationState } from "../../durable-objects/conversation/conversation-state.ts";
import { messageChange } from "../../durable-objects/conversation/sending.ts";
import { asMember } from "../support/changes.ts";
import { constructionsOf } from "./worker.ts";
import {
  foundGroup,
  messagesOf,
  range,
  send,
  trySend,
  user,
  type TestConversation,
} from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";

async function rowsOf({ stub }: TestConversation, key: string): Promise<number> {
  return runInDurableObject(stub, (_object, { storage }) => {
    const query = "SELECT count(*) AS n FROM event WHERE client_message_id = ?";
    return storage.sql.exec<{ n: number }>(query, key).one().n;
  });
}

describe.each(["hibernate", "close"] as const)("eviction that makes sockets %s", (webSockets) => {
  test("[ORD-3] the same key 100 times before and after: one row, the same ack", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    await send(conversation, "bob", "other");
    const hundred = () =>
      Promise.all(range(1, 100).map((n) => send(conversation, "alice", "same", `try ${n}`)));
    const before = await hundred();
    await evictDurableObject(conversation.stub, { webSockets });
    const after = await hundred();
    expect(constructionsOf(conversation.id)).toBe(2);
    const [first] = before;
    expect(first).toMatchObject({ seq: 2, repeated: false });
    for (const again of [...before.slice(1), ...after]) {
      expect(again).toEqual({ ...first, repeated: true });
    }
    expect(await rowsOf(conversation, "same")).toBe(1);
    const { messages } = await messagesOf(conversation, "alice", { limit: 10 });
    expect(messages.map(({ message }) => message.content)).toEqual(["other", "try 1"]);
  });

  test("[ORD-3] a socket that resends its key 100 times gets 100 times the first ack", async () => {
    const conversation = await foundGroup(["alice"]);
    const socket = await MemberSocket.join(conversation.id, "alice");
    socket.sendMessage("same");
    const ack = await socket.next("ack");
    expect((await socket.next("events")).events).toMatchObject([{ seq: 1 }]);
    await evictDurableObject(conversation.stub, { webSockets });
    const resending = webSockets === "close" ? await reopened(conversation) : socket;
    for (const _ of range(1, 100)) resending.sendMessage("same", "another text");
    for (const _ of range(1, 100)) expect(await resending.next("ack")).toEqual(ack);
    expect(resending.unread).toEqual([]);
    expect(await rowsOf(conversation, "same")).toBe(1);
  });
});

async function reopened({ id }: TestConversation): Promise<MemberSocket> {
  const socket = await MemberSocket.open(id, "alice");
  const welcome = await socket.hello({ cursor: 1, pending: ["same", "never sent"] });
  expect(welcome.fates).toMatchObject([{ clientMessageId: "same", seq: 1 }]);
  return socket;
}

test("[ORD-3] a key belongs to its sender: two members may use the same one", async () => {
  const conversation = await foundGroup(["alice", "bob"]);
  const places = [
    await send(conversation, "alice", "same"),
    await send(conversation, "bob", "same"),
  ];
  expect(places).toMatchObject([
    { seq: 1, repeated: false },
    { seq: 2, repeated: false },
  ]);
});

test("a message is two rows written, its resend none", async () => {
  const { stub } = await foundGroup(["alice"]);
  await runInDurableObject(stub, (_object, { storage }) => {
    const state = new ConversationState(storage);
    const append = (key: string) => ({
      actor: asMember("alice"),
      changes: [messageChange(key, { type: "TEXT", content: key })] as const,
    });
    const written = (keys: readonly string[]) => {
      const before = state.sql.rowsWritten;
      state.append(keys.map(append), 1);
      return state.sql.rowsWritten - before;
    };
    expect(written(["a"])).toBe(2);
    expect(written(["a"])).toBe(0);
    expect(written(["b", "c", "a", "c", "d"])).toBe(6 + FIRST_TRY);
    expect(state.head).toBe(4);
  });
});

/** A group with a known key is stored a second time, key by key: what its first statement wrote was taken back. */
const FIRST_TRY = 4;

test("[ORD-3] a text of new, doubled and known keys: each stands once, and every ack names its place", async () => {
  const conversation = await foundGroup(["alice", "bob"]);
  await send(conversation, "alice", "known");
  const socket = await MemberSocket.join(conversation.id, "alice", { cursor: 1 });
  const fresh = range(1, 90).map((n) => `k${n}`);
  const keys = [...fresh, "known", "k90", "last"];
  const mentions = (key: string) => (key === "k40" ? { mentions: ["bob"] } : {});
  socket.send(
    ...keys.map((key) => ({
      type: "send" as const,
      clientMessageId: key,
      message: { content: key, ...mentions(key) },
    })),
  );
  const seqOf = new Map(keys.map((key, index) => [key, index + 2]));
  seqOf.set("known", 1).set("k90", 91).set("last", 92);
  for (const key of keys) {
    expect(await socket.next("ack")).toMatchObject({ clientMessageId: key, seq: seqOf.get(key) });
  }
  const { messages } = await messagesOf(conversation, "bob", { limit: 200 });
  expect(messages.map(({ message }) => message.content).slice(1)).toEqual([...fresh, "last"]);
  const unread = await conversation.rpc.view(user("bob"));
  expect(unread).toMatchObject({ value: { me: { unread: 92, mentions: 1 } } });
});

test("reading and being refused write no rows", async () => {
  const conversation = await foundGroup(["alice"]);
  const changes = () =>
    runInDurableObject(
      conversation.stub,
      (_object, { storage }) =>
        storage.sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n,
    );
  const before = await changes();
  await conversation.rpc.view(user("alice"));
  await conversation.rpc.history(user("alice"), { limit: 50 });
  await trySend(conversation, "mallory", "a");
  expect(await changes()).toBe(before);
  await send(conversation, "alice", "a");
  expect(await changes()).toBeGreaterThan(before);
});
