import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { shardOf } from "../../core/outbox.ts";
import { directConversationId } from "../../protocol/ids.ts";
import type { OutboxEvent } from "../../protocol/outbox-frames.ts";
import { api, register } from "./support/api.ts";
import { BridgeSocket } from "./support/bridge-socket.ts";
import { foundGroup, user } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { Multiplexed } from "./support/multiplexed.ts";

/** A trace of its own for each way in. */
function trace(n: number): string {
  return `00-${`${n}`.padStart(32, "a")}-${`${n}`.padStart(16, "b")}-01`;
}

/** A bridge that takes whatever its shard sends, until so many events of the conversation have come. */
async function carried(conversationId: string, count: number): Promise<OutboxEvent[]> {
  const bridge = await BridgeSocket.dial(`${shardOf(conversationId, Number(env.OUTBOX_SHARDS))}`);
  await bridge.next("owned");
  bridge.credit(100);
  const events: OutboxEvent[] = [];
  while (events.length < count) {
    const batch = await bridge.next("batch");
    bridge.ack(batch.conversation.conversationId, batch.upTo);
    if (batch.conversation.conversationId === conversationId) events.push(...batch.events);
  }
  return events;
}

/** What the bridge gets of each event: its kind, and its trace if it has one. */
function traces(events: readonly OutboxEvent[]) {
  return events.map((event) =>
    "traceparent" in event ? [event.type, event.traceparent] : [event.type],
  );
}

test("[TRC-1] the trace of a change reaches the bridge whichever way the change came in, and no reader", async () => {
  const [ada, bob] = [await register(), await register()];
  const { userId } = ada.user;
  const { id } = await foundGroup([userId, bob.user.userId]);
  const body = { conversationId: id, content: "by REST" };
  const rest = (method: string, path: string, n: number, sent?: object) =>
    api(method, path, { token: ada.accessToken, body: sent, headers: { traceparent: trace(n) } });
  await rest("POST", "/messages", 1, body);
  await rest("PATCH", `/messages/${id}.1`, 2, { newContent: "edited" });
  await rest("POST", `/messages/${id}.1/reactions`, 3, { emoji: "👍" });

  const reader = await MemberSocket.join(id, bob.user.userId, { cursor: 3 });
  const direct = await MemberSocket.join(id, userId, { cursor: 3 });
  direct.send({
    type: "send",
    clientMessageId: "k4",
    message: { content: "native" },
    traceparent: trace(4),
  });
  const { events: live } = await reader.next("events");
  expect(live).toMatchObject([{ seq: 4, message: { content: "native" } }]);
  expect(JSON.stringify(live)).not.toContain("traceparent");

  const place = new EdgePlace();
  const io = await place.connect(userId);
  const sent = { conversationId: id, content: "Socket.IO", traceparent: trace(5) };
  expect(await io.ask("sendMessage", sent)).toMatchObject({ seq: 5 });
  await io.ask("deleteMessage", { messageId: `${id}.1`, traceparent: trace(6) });
  expect(await io.ask("sendMessage", { conversationId: id, content: "none" })).toMatchObject({
    seq: 7,
  });

  expect(traces(await carried(id, 8))).toEqual([
    ["founded"],
    ["message", trace(1)],
    ["edited", trace(2)],
    ["reaction", trace(3)],
    ["message", trace(4)],
    ["message", trace(5)],
    ["deleted", trace(6)],
    ["message"],
  ]);
});

test("[TRC-1] of many changes in one text each keeps its own trace", async () => {
  const { id } = await foundGroup(["alice"]);
  const socket = await MemberSocket.join(id, "alice");
  const traced = new Set([3, 4, 7]);
  socket.send(
    ...Array.from({ length: 12 }, (_, n) => ({
      type: "send" as const,
      clientMessageId: `k${n}`,
      message: { content: "hi" },
      ...(traced.has(n) ? { traceparent: trace(n) } : {}),
    })),
  );
  const [, ...messages] = traces(await carried(id, 13));
  expect(messages).toEqual(
    messages.map((_, n) => (traced.has(n) ? ["message", trace(n)] : ["message"])),
  );
});

test("[TRC-1] a socket of many conversations carries traces, and a broken one refuses nothing", async () => {
  const ada = await register();
  const { id } = await foundGroup([ada.user.userId, "bob"]);
  const socket = await Multiplexed.open(new EdgePlace(), ada.accessToken);
  socket.hello(id);
  const said = { conversationId: id, type: "send", message: { content: "hi" } };
  socket.send({ ...said, clientMessageId: "good", traceparent: trace(1) });
  socket.send({ ...said, clientMessageId: "broken", traceparent: "00-not-a-trace" });
  socket.send({ ...said, clientMessageId: "odd", traceparent: { trace: 1 } });
  const events = await carried(id, 4);
  expect(traces(events.toSorted((one, other) => one.seq - other.seq))).toEqual([
    ["founded"],
    ["message", trace(1)],
    ["message"],
    ["message"],
  ]);
});

test("[TRC-1] a quote's trace goes on in the notice that it makes", async () => {
  const [client, professional] = [await register(), await register()];
  const event = {
    type: "quoteAccepted",
    eventId: null,
    quoteId: "q-1",
    clientId: client.user.userId,
    professionalId: professional.user.userId,
    conversationId: null,
    amount: null,
    acceptedAt: null,
  };
  const place = { topic: "quote.events", partition: 0, offset: "7" };
  const body = { records: [{ place, event, traceparent: trace(1) }] };
  await api("POST", "/internal/ingest", { token: env.BRIDGE_SECRET, body });
  const id = directConversationId(user(event.clientId), user(event.professionalId));
  expect(traces(await carried(id, 2))).toEqual([["founded"], ["message", trace(1)]]);
});
