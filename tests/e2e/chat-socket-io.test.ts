import { describe, expect, it } from "vitest";
import { ERROR_EVENTS } from "../../core/chat/ngomna-events.ts";
import { chatPlace, CLIENT_KINDS, person, sent } from "../support/chat-place.ts";

/** Every event of the nGomna dialect, with its success, its error and what the others hear, over every kind of client. */
describe.each(CLIENT_KINDS)("$note", (kind) => {
  const place = chatPlace(kind);

  describe("authenticate", () => {
    it("takes a token in the event, and answers with the conversations", async () => {
      const userId = person();
      const conversationId = await place.parley.group([userId, person()]);
      const client = place.dial();
      const token = await place.parley.token(userId);
      const answer = await client.call("authenticate", { token, userId });
      expect(answer).toMatchObject({
        success: true,
        userId,
        name: userId,
        conversations: [{ conversationId, unreadCount: 0 }],
      });
      expect(await client.next("authenticated")).toMatchObject({
        userId,
        conversations: [{ conversationId }],
      });
    });

    it.each([
      { note: "nothing", payload: {}, code: "MISSING_DATA" },
      {
        note: "a name without a token",
        payload: { userId: "ada", matricule: "m1" },
        code: "INVALID_TOKEN",
      },
      { note: "a token that is none", payload: { token: "x.y.z" }, code: "INVALID_TOKEN" },
    ])("refuses $note, and stays open for another try", async ({ payload, code }) => {
      const client = place.dial();
      expect(await client.call("authenticate", payload)).toMatchObject({ success: false, code });
      expect(await client.next("auth_error")).toMatchObject({ code });
      const token = await place.parley.token(person());
      expect(await client.call("authenticate", { token })).toMatchObject({ success: true });
    });

    it("refuses a name that is not the token's", async () => {
      const client = place.dial();
      const token = await place.parley.token(person());
      expect(await client.call("authenticate", { token, userId: "somebody" })).toMatchObject({
        success: false,
        code: "INVALID_TOKEN",
      });
    });

    it("lets nobody else do anything, and says it by each event's own error", async () => {
      const client = place.dial();
      const refused = { success: false, code: "INVALID_TOKEN" };
      expect(await client.call("sendMessage", { conversationId: "g", content: "x" })).toMatchObject(
        refused,
      );
      expect(await client.next("message_error")).toMatchObject({ code: "INVALID_TOKEN" });
      expect(await client.call("joinConversation", { conversationId: "g" })).toMatchObject(refused);
      expect(await client.next("conversation_error")).toMatchObject({ code: "INVALID_TOKEN" });
      expect(await client.call("markMessageRead", {})).toMatchObject(refused);
      expect(await client.next("status_error")).toMatchObject({ code: "INVALID_TOKEN" });
      expect(await client.call("getGroupMembers", {})).toMatchObject(refused);
      expect(await client.next("group_error")).toMatchObject({ code: "INVALID_TOKEN" });
    });
  });

  describe("messages", () => {
    it("reach the others once, with the same id, and the caller as its own answer", async () => {
      const { ada, bo, ids, conversationId } = await place.pair();
      const answer = await ada.call("sendMessage", {
        conversationId,
        content: "hi",
        clientMessageId: "m1",
      });
      const success = {
        messageId: `${conversationId}.1`,
        conversationId,
        seq: 1,
        clientMessageId: "m1",
        status: "SENT",
        timestamp: expect.any(String),
      };
      expect(answer).toEqual({ success: true, ...success });
      expect(await ada.next("message_sent")).toEqual(success);
      expect(await bo.next("newMessage")).toMatchObject({
        _id: success.messageId,
        id: success.messageId,
        messageId: success.messageId,
        conversationId,
        senderId: ids[0],
        senderMatricule: null,
        content: "hi",
        type: "TEXT",
        timestamp: success.timestamp,
      });
      await sent(bo, conversationId, "well");
      expect(await ada.next("newMessage")).toMatchObject({ content: "well", seq: 2 });
      expect([ada.count("newMessage"), bo.count("newMessage")]).toEqual([0, 0]);
    });

    it("reach the caller's other devices", async () => {
      const { ada, ids, conversationId } = await place.pair();
      const other = await place.connect(ids[0]);
      await sent(ada, conversationId, "from the phone");
      expect(await other.next("newMessage")).toMatchObject({ content: "from the phone" });
    });

    it("are stored once, however often they are sent", async () => {
      const { ada, bo, conversationId } = await place.pair();
      const message = { conversationId, content: "once", clientMessageId: "k" };
      const [one, two] = [
        await ada.call("sendMessage", message),
        await ada.call("sendMessage", message),
      ];
      expect(two).toEqual(one);
      await sent(ada, conversationId, "next");
      expect(await bo.next("newMessage")).toMatchObject({ content: "once" });
      expect(await bo.next("newMessage")).toMatchObject({ content: "next", seq: 2 });
    });

    it("open a conversation with somebody who is connected", async () => {
      const [one, other] = [person(), person()];
      const [ada, bo] = [await place.connect(one), await place.connect(other)];
      const answer = await ada.call("sendMessage", { receiverId: other, content: "hello you" });
      expect(answer).toMatchObject({ success: true, seq: 1 });
      expect(await bo.next("newMessage")).toMatchObject({ senderId: one, content: "hello you" });
      await sent(bo, String(answer["conversationId"]), "hello back");
      expect(await ada.next("newMessage")).toMatchObject({ content: "hello back" });
    });

    it("of hundred at once keep their order", async () => {
      const { ada, bo, conversationId } = await place.pair();
      const contents = Array.from({ length: 100 }, (_, n) => `m${n}`);
      const answers = await Promise.all(
        contents.map((content) => ada.call("sendMessage", { conversationId, content })),
      );
      expect(answers.map((answer) => answer["seq"])).toEqual(contents.map((_, n) => n + 1));
      for (const content of contents)
        expect(await bo.next("newMessage")).toMatchObject({ content });
    });

    it.each([
      { note: "no place", payload: { content: "x" }, code: "MISSING_DATA" },
      { note: "no content", payload: { conversationId: "g1" }, code: "MISSING_DATA" },
      { note: "no payload", payload: undefined, code: "MISSING_DATA" },
      {
        note: "a place that is none",
        payload: { conversationId: "a.b", content: "x" },
        code: "INVALID_DATA",
      },
      {
        note: "a strange conversation",
        payload: { conversationId: "g1", content: "x" },
        code: "NOT_FOUND",
      },
      {
        note: "another sender",
        payload: { conversationId: "g1", content: "x", senderId: "x" },
        code: "INVALID_TOKEN",
      },
      { note: "a list", payload: [1], code: "INVALID_DATA" },
    ])("with $note are refused", async ({ payload, code }) => {
      const ada = await place.connect(person());
      expect(await ada.call("sendMessage", payload)).toMatchObject({ success: false, code });
      expect(await ada.next("message_error")).toMatchObject({ code, message: expect.any(String) });
    });

    it("are edited once for everybody", async () => {
      const { ada, bo, conversationId } = await place.pair();
      const messageId = await sent(ada, conversationId, "frist");
      const edit = { messageId, newContent: "first" };
      const edited = { messageId, conversationId, newContent: "first", version: 2 };
      expect(await ada.call("editMessage", edit)).toMatchObject({ success: true, ...edited });
      expect(await ada.next("messageEdited")).toMatchObject(edited);
      expect(await bo.next("messageEdited")).toMatchObject(edited);
      expect(await bo.call("editMessage", edit)).toMatchObject({
        success: false,
        code: "FORBIDDEN",
      });
      expect(await bo.next("message_error")).toMatchObject({ code: "FORBIDDEN", messageId });
      expect(await bo.next("status_error")).toMatchObject({ code: "FORBIDDEN", messageId });
      await sent(bo, conversationId, "after");
      await ada.next("newMessage");
      expect(ada.count("messageEdited")).toBe(0);
    });

    it("are deleted for everybody, or for oneself alone", async () => {
      const { ada, bo, ids, conversationId } = await place.pair();
      const mine = await place.connect(ids[1]);
      const messageId = await sent(ada, conversationId, "oops");
      const deleted = { messageId, conversationId, status: "DELETED" };
      expect(await bo.call("deleteMessage", { messageId, scope: "me" })).toMatchObject({
        success: true,
        ...deleted,
        scope: "me",
      });
      expect(await mine.next("messageDeleted")).toMatchObject({ ...deleted, scope: "me" });
      expect(await ada.call("deleteMessage", { messageId })).toMatchObject({
        success: true,
        ...deleted,
      });
      expect(await ada.next("messageDeleted")).toMatchObject(deleted);
      expect(await mine.next("messageDeleted")).toMatchObject({ ...deleted, scope: "everyone" });
      expect(await bo.call("deleteMessage", { messageId: `${conversationId}.99` })).toMatchObject({
        success: false,
        code: "NOT_FOUND",
      });
    });

    it("carry reactions", async () => {
      const { ada, bo, ids, conversationId } = await place.pair();
      const messageId = await sent(ada, conversationId, "nice?");
      expect(await bo.call("reactToMessage", { messageId, emoji: "👍" })).toMatchObject({
        success: true,
      });
      expect(await ada.next("messageReactionChanged")).toMatchObject({
        messageId,
        userId: ids[1],
        emoji: "👍",
        active: true,
      });
    });

    it("names no file that is not there", async () => {
      const ada = await place.connect(person());
      expect(await ada.call("deleteFile", { fileId: "g1.f1" })).toMatchObject({
        success: false,
        code: "NOT_FOUND",
      });
      expect(await ada.next("message_error")).toMatchObject({ fileId: "g1.f1" });
    });
  });

  describe("hostile payloads", () => {
    const names = Object.keys(ERROR_EVENTS).concat(
      "joinRoom",
      "chatMessage",
      "__proto__",
      "toString",
      "nothing",
    );
    const payloads = [
      null,
      0,
      "text",
      [],
      [[]],
      {},
      { conversationId: {}, messageId: [], groupId: 1, fileId: null, token: {}, userId: [] },
      { conversationId: "__proto__", messageId: "__proto__.1", groupId: "x_y", fileId: "a.f0" },
      { conversationId: "g".repeat(5_000), content: "x", receiverId: "\ud800" },
      { messageId: `a_b.${"9".repeat(15)}`, newContent: "x", emoji: "x", afterSeq: 1e300 },
      Buffer.from([1, 2, 3]),
    ];

    it("are all answered, and none comes to more than a refusal", async () => {
      const ada = await place.connect(person());
      const answers = await Promise.all(
        names.flatMap((name) =>
          payloads.map(async (payload) => ({
            name,
            payload,
            answer: await ada.call(name, payload),
          })),
        ),
      );
      const failed = answers.filter(({ answer }) => answer["code"] === "INTERNAL");
      expect(failed).toEqual([]);
      expect(await ada.call("ping")).toMatchObject({ success: true });
    });
  });

  describe("receipts", () => {
    it.each([
      { event: "markMessageDelivered", success: "messageDelivered", status: "DELIVERED" },
      { event: "markMessageRead", success: "messageRead", status: "READ" },
      { event: "messageReceived", success: null, status: "DELIVERED" },
    ])("$event tells the others", async ({ event, success, status }) => {
      const { ada, bo, ids, conversationId } = await place.pair();
      const messageId = await sent(ada, conversationId, "x");
      const answer = { messageId, conversationId, timestamp: expect.any(String) };
      expect(await bo.call(event, { messageId, conversationId })).toMatchObject({
        success: true,
        ...answer,
      });
      if (success !== null) expect(await bo.next(success)).toMatchObject(answer);
      expect(await ada.next("messageStatusChanged")).toMatchObject({
        messageId,
        conversationId,
        userId: ids[1],
        status,
        upToSeq: 1,
      });
      expect(await ada.call("getMessageStatus", { messageId })).toMatchObject({
        success: true,
        status,
      });
      expect(await ada.next("messageStatus")).toMatchObject({
        messageId,
        status,
        deliveredTo: [ids[1]],
      });
    });

    it("markConversationRead counts, and tells the others", async () => {
      const { ada, bo, ids, conversationId } = await place.pair();
      for (const content of ["one", "two", "three"]) await sent(ada, conversationId, content);
      const marked = { conversationId, readCount: 3, readSeq: 3 };
      expect(await bo.call("markConversationRead", { conversationId })).toMatchObject({
        success: true,
        ...marked,
      });
      expect(await bo.next("conversationMarkedRead")).toMatchObject(marked);
      expect(await ada.next("conversationRead")).toMatchObject({
        conversationId,
        readBy: ids[1],
        readCount: 3,
      });
    });

    it.each([
      "markMessageDelivered",
      "messageReceived",
      "markMessageRead",
      "markConversationRead",
      "getMessageStatus",
    ])("%s says what is missing", async (event) => {
      const ada = await place.connect(person());
      expect(await ada.call(event)).toMatchObject({ success: false, code: "MISSING_DATA" });
      expect(await ada.next("status_error")).toMatchObject({ code: "MISSING_DATA" });
    });
  });
});
