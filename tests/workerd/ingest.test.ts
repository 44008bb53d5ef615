import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { InboundEvent, QuoteAccepted } from "../../protocol/ingest.ts";
import { directConversationId } from "../../protocol/ids.ts";
import { api, register } from "./support/api.ts";
import { conversationOf, foundGroup, messagesOf, user } from "./support/conversations.ts";

function quote(clientId: string, professionalId: string, more: Partial<QuoteAccepted> = {}) {
  return {
    type: "quoteAccepted" as const,
    eventId: null,
    quoteId: "q-17",
    clientId,
    professionalId,
    conversationId: null,
    amount: 120.5,
    acceptedAt: null,
    ...more,
  };
}

async function ingest(...records: { event: InboundEvent; offset?: string }[]) {
  const body = {
    records: records.map(({ event, offset = "0" }) => ({
      place: { topic: "quote.events", partition: 0, offset },
      event,
    })),
  };
  const answer = await api("POST", "/internal/ingest", { token: env.BRIDGE_SECRET, body });
  expect(answer.status).toBe(200);
  return answer.body["outcomes"];
}

async function twoPeople(): Promise<[string, string]> {
  return [(await register()).user.userId, (await register()).user.userId];
}

test("[ING-2] an accepted quote is one SYSTEM message that both read, however often it comes", async () => {
  const [client, professional] = await twoPeople();
  const event = quote(client, professional, { eventId: "e-1" });
  expect(await ingest({ event })).toEqual([{ state: "applied" }]);
  const again = Array.from({ length: 4 }, (_, n) => ({ event, offset: `${n + 1}` }));
  expect(await ingest(...again)).toEqual(again.map(() => ({ state: "repeated" })));
  const conversation = conversationOf(directConversationId(user(client), user(professional)));
  for (const reader of [client, professional]) {
    const { messages } = await messagesOf(conversation, reader, { limit: 10 });
    expect(messages).toMatchObject([
      {
        senderId: "SYSTEM_NOTIFICATION",
        message: {
          type: "SYSTEM",
          content: "Quote q-17 was accepted (120.5).",
          metadata: { event: "QUOTE_ACCEPTED", quoteId: "q-17" },
        },
      },
    ]);
  }
});

test("[ING-2] without an id of its own the record's place is its id, and a long id counts as well as a short one", async () => {
  const [client, professional] = await twoPeople();
  const event = quote(client, professional);
  const long = quote(client, professional, { eventId: "e".repeat(200) });
  const records = [
    { event, offset: "7" },
    { event, offset: "8" },
    { event: long, offset: "9" },
    { event, offset: "7" },
    { event: long, offset: "10" },
  ];
  const states = ["applied", "applied", "applied", "repeated", "repeated"];
  expect(await ingest(...records)).toEqual(states.map((state) => ({ state })));
});

test("[ING-2] the conversation that an event names is used, if both are in it", async () => {
  const [client, professional] = await twoPeople();
  const group = await foundGroup([client, professional]);
  const other = await foundGroup([client]);
  const named = (id: string) => ({
    event: quote(client, professional, { eventId: `e-${id}`, conversationId: id }),
  });
  expect(await ingest(named(group.id), named(other.id))).toMatchObject([
    { state: "applied" },
    { state: "refused" },
  ]);
  expect((await messagesOf(group, professional, { limit: 10 })).messages).toHaveLength(1);
});

test("[ING-3] an event about people who are not there is refused for good, and its neighbours are applied", async () => {
  const [client, professional] = await twoPeople();
  const outcomes = await ingest(
    { event: quote(client, "nobody"), offset: "1" },
    { event: quote(client, client), offset: "2" },
    { event: quote(client, professional), offset: "3" },
  );
  expect(outcomes).toEqual([
    { state: "refused", reason: expect.stringContaining("NOT_FOUND") },
    { state: "refused", reason: "client and professional are one person" },
    { state: "applied" },
  ]);
});

test("[ING-4] a notification is kept once for each user and event, however often and from wherever it comes", async () => {
  const [ada, bob] = [await register(), await register()];
  const notice = { title: "Bill", body: "is due", data: { bill: 7 } };
  const event = (userIds: string[], eventId: string | null): InboundEvent => ({
    type: "userNotice",
    eventId,
    userIds: userIds.map(user),
    notice,
  });
  const [one, other] = [ada.user.userId, bob.user.userId];
  expect(await ingest({ event: event([one], "e-1") })).toEqual([{ state: "applied" }]);
  expect(await ingest({ event: event([one], "e-1"), offset: "5" })).toEqual([
    { state: "repeated" },
  ]);
  // part of it was told before a crash: the rest still is
  expect(await ingest({ event: event([one, other], "e-1") })).toEqual([{ state: "applied" }]);
  const unnamed = { event: event([one], null), offset: "7" };
  expect(await ingest(unnamed, unnamed)).toEqual([{ state: "applied" }, { state: "repeated" }]);
  const kept = async (token: string) => {
    const { data } = await api("GET", "/notifications", { token });
    return data["notifications"];
  };
  expect(await kept(ada.accessToken)).toMatchObject([
    { id: "record:quote.events-0-7", ...notice },
    { id: "event:e-1", ...notice },
  ]);
  expect(await kept(bob.accessToken)).toMatchObject([{ id: "event:e-1", ...notice }]);
});
