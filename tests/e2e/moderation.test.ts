import { afterEach, describe, expect, it } from "vitest";
import { MessageTimeline } from "../../client/index.ts";
import { chatPlace, person } from "../support/chat-place.ts";
import { eventually } from "../support/eventually.ts";
import { Participant } from "../support/participant.ts";

/** Reports, erasures and locks as clients of both systems and of the native protocol see them, in one conversation. */
const place = chatPlace();
const CHAT_SVC = { query: { dialect: "chat-svc" } };
const participants: Participant[] = [];
afterEach(() => {
  for (const participant of participants.splice(0)) participant.close();
});

function participate(conversationId: string, userId: string): Participant {
  const participant = new Participant(place.parley, conversationId, userId);
  participants.push(participant);
  return participant;
}

/** Some hundred at a time: a client keeps no more than its queue. */
async function sayMuch(participant: Participant, count: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const some = Array.from({ length: Math.min(500, count - from) }, (_, index) =>
      participant.send("spam", `k${from + index}`),
    );
    await Promise.all(some);
  }
}

/** The conversation folded from everything that a participant was shown. */
function timelineOf({ seen }: Participant): MessageTimeline {
  const timeline = new MessageTimeline();
  timeline.apply(seen);
  return timeline;
}

describe("a report", () => {
  it("[MOD-1] [MOD-2] reaches clients of both systems in their own words, once, also over a kill", async () => {
    const { parley } = place;
    const [one, other] = [person(), person()];
    const ada = await place.connect(one);
    const bo = await place.connect(other, CHAT_SVC);
    const sent = await ada.call("sendMessage", { receiverId: other, content: "buy this" });
    const [messageId, conversationId] = [String(sent["messageId"]), String(sent["conversationId"])];
    const native = participate(conversationId, one);
    expect(await bo.next("newMessage")).toMatchObject({ message_id: messageId, is_spam: false });

    const path = `/api/chat/messages/${messageId}/reportSpam`;
    const reported = { message_id: messageId, is_spam: true, reports: 1 };
    const hundred = await Promise.all(
      Array.from({ length: 100 }, () => parley.rest(other, "POST", path, { reason: "an advert" })),
    );
    for (const { body } of hundred) expect(body).toEqual(reported);
    expect(await bo.next("messageFlagged")).toMatchObject({
      message_id: messageId,
      conversation_id: conversationId,
      is_spam: true,
    });
    const told = await ada.next("messageFlagged");
    expect(told).toMatchObject({ messageId, conversationId, isSpam: true });
    expect(JSON.stringify(told)).not.toContain("an advert");
    await native.hasSeen(2);
    expect(timelineOf(native).at(1)).toMatchObject({ isSpam: true });

    await parley.workerd.restart();
    expect((await parley.rest(other, "POST", path)).body).toEqual(reported);
    expect(await parley.rest(other, "POST", `/messages/${messageId}/reports`)).toMatchObject({
      status: 200,
      data: { messageId, isSpam: true, reports: 1 },
    });
    const history = await parley.rest(one, "GET", `/messages?conversationId=${conversationId}`);
    expect(history.data).toMatchObject({ messages: [{ messageId, isSpam: true }] });
    const svc = await parley.rest(other, "GET", `/api/chat/messages/${conversationId}`);
    expect(svc.body).toMatchObject([{ message_id: messageId, is_spam: true }]);
    const again = await place.connect(one);
    const joined = again.call("joinConversation", { conversationId, afterSeq: 0 });
    expect(await joined).toMatchObject({ success: true, lastSeq: 2 });
    expect(await again.next("newMessage")).toMatchObject({ messageId, isSpam: true });
  });
});

describe("an erasure", () => {
  it("[CHG-7] leaves every client the same: who was there, who came back, and who comes later", async () => {
    const { parley } = place;
    const [owner, spammer, reader] = [person(), person(), person()];
    const conversationId = await parley.group([owner, spammer, reader]);
    const bo = participate(conversationId, spammer);
    const cy = participate(conversationId, reader);
    const ngomna = await place.connect(reader);
    await ngomna.call("joinConversation", { conversationId });
    await sayMuch(bo, 1_200);
    await cy.send("hello", "mine");
    await cy.hasSeen(1_201);

    const path = `/conversations/${conversationId}/members/${spammer}/messages`;
    const erased = await parley.rest(owner, "DELETE", path);
    expect(erased).toMatchObject({ status: 200, data: { erased: 1_200, done: true } });
    await cy.hasSeen(1_204);
    const later = participate(conversationId, owner);
    await later.hasSeen(1_204);
    const standing = timelineOf(cy)
      .entries()
      .filter((entry) => entry.type === "message" && entry.deletedAt === undefined);
    expect(standing).toMatchObject([{ senderId: reader, message: { content: "hello" } }]);
    const shown = (participant: Participant) =>
      timelineOf(participant)
        .entries()
        .map((entry) => [entry.seq, entry.type === "message" ? entry.message.content : null]);
    expect(shown(later)).toEqual(shown(cy));
    expect(shown(later)).toHaveLength(1_201);

    await eventually(async () => expect(ngomna.count("messageDeleted")).toBe(1_200));
    const named = ngomna.received
      .filter(({ name }) => name === "messageDeleted")
      .map(({ payload }) => payload["messageId"]);
    expect(new Set(named).size).toBe(1_200);
    const list = await parley.rest(reader, "GET", "/conversations");
    expect(list.data).toMatchObject({ totalUnreadMessages: 0 });
  });

  it("[CHG-7] that is killed on its way is finished after it", async () => {
    const { parley } = place;
    const [owner, spammer] = [person(), person()];
    const conversationId = await parley.group([owner, spammer]);
    const bo = participate(conversationId, spammer);
    await sayMuch(bo, 3_000);
    const path = `/conversations/${conversationId}/members/${spammer}/messages`;
    const cut = parley.rest(owner, "DELETE", path).catch(() => null);
    await bo.hasSeen(3_001);
    await parley.workerd.restart();
    await cut;
    bo.session.wake();
    await eventually(async () => {
      const history = `/messages?conversationId=${conversationId}&afterSeq=0&limit=1`;
      const { data } = await parley.rest(owner, "GET", history);
      expect(data).toMatchObject({ messages: [{ seq: 1, content: "" }] });
    });
    expect(await parley.rest(owner, "DELETE", path)).toMatchObject({
      data: { erased: 0, done: true },
    });
  });
});

describe("a lock", () => {
  it("[SND-3] stops everybody below moderator over every door, with a code of its own", async () => {
    const { parley } = place;
    const [owner, member] = [person(), person()];
    const conversationId = await parley.group([owner, member]);
    const bo = await place.connect(member);
    const native = participate(conversationId, member);
    await parley.rest(owner, "PATCH", `/conversations/${conversationId}`, { locked: true });
    const sent = { conversationId, content: "hi" };
    expect(await bo.call("sendMessage", sent)).toMatchObject({ success: false, code: "LOCKED" });
    expect(await parley.rest(member, "POST", "/messages", sent)).toMatchObject({
      status: 423,
      body: { code: "LOCKED" },
    });
    await expect(native.send("hi", "k")).rejects.toMatchObject({ code: "LOCKED" });
    const svc = await place.connect(member, CHAT_SVC);
    const words = { sender_id: member, conversation_id: conversationId, text_content: "hi" };
    expect(await svc.call("chatMessage", words)).toMatchObject({ success: false, code: "LOCKED" });
    expect(await parley.rest(owner, "POST", "/messages", sent)).toMatchObject({ status: 201 });
  });
});
