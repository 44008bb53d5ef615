import { describe, expect, it } from "vitest";
import { chatPlace, CLIENT_KINDS, person, sent } from "../support/chat-place.ts";

/** Events of the nGomna dialect about people and conversations, over every kind of client. */
describe.each(CLIENT_KINDS)("$note", (kind) => {
  const place = chatPlace(kind);

  describe("presence", () => {
    it("tells people of shared conversations who comes and who goes, once", async () => {
      const [one, other] = [person(), person()];
      await Promise.all([place.parley.group([one, other]), place.parley.group([one, other])]);
      const ada = await place.connect(one);
      const bo = await place.connect(other);
      expect(await ada.next("user_connected")).toMatchObject({
        userId: other,
        timestamp: expect.any(String),
      });
      bo.close();
      expect(await ada.next("user_disconnected")).toMatchObject({ userId: other });
      expect(ada.count("user_connected")).toBe(0);
    });

    it("names who is online", async () => {
      const { ada, ids, conversationId } = await place.pair();
      const users = ids.map((userId) => expect.objectContaining({ userId, name: userId }));
      const answer = await ada.call("getOnlineUsers", { conversationId });
      expect(answer).toMatchObject({
        success: true,
        count: 2,
        users: expect.arrayContaining(users),
      });
      expect(await ada.call("getOnlineUsers")).toMatchObject({ success: true, count: 2 });
      expect(await ada.next("onlineUsers")).toMatchObject({ count: 2 });
    });

    it("carries typing to the others", async () => {
      const { ada, bo, ids, conversationId } = await place.pair();
      expect(await ada.call("typing", { conversationId })).toMatchObject({ success: true });
      expect(await bo.next("userTyping")).toMatchObject({
        conversationId,
        userId: ids[0],
        matricule: null,
      });
      ada.emit("stopTyping", { conversationId });
      expect(await bo.next("userStoppedTyping")).toMatchObject({ conversationId, userId: ids[0] });
      expect(await bo.call("typing", { conversationId: "g1" })).toMatchObject({
        code: "NOT_FOUND",
      });
      expect(await bo.next("conversation_error")).toMatchObject({ code: "NOT_FOUND" });
    });

    it("answers ping, also to strangers", async () => {
      const ada = await place.connect(person());
      expect(await ada.call("ping")).toMatchObject({
        success: true,
        timestamp: expect.any(String),
      });
      expect(await ada.next("pong")).toMatchObject({ timestamp: expect.any(String) });
    });
  });

  describe("conversations", () => {
    it("are joined with what was missed, and left", async () => {
      const { ada, bo, ids, conversationId } = await place.pair();
      for (const content of ["one", "two", "three"]) await sent(ada, conversationId, content);
      for (let n = 0; n < 3; n++) await bo.next("newMessage");
      const joined = { conversationId, lastSeq: 3, readSeq: 0, unreadCount: 3 };
      expect(await bo.call("joinConversation", { conversationId, afterSeq: 1 })).toMatchObject({
        success: true,
        ...joined,
      });
      expect(await bo.next("conversation_joined")).toMatchObject(joined);
      expect(await bo.next("newMessage")).toMatchObject({ content: "two" });
      expect(await bo.next("newMessage")).toMatchObject({ content: "three" });
      expect(await ada.next("user_joined_conversation")).toMatchObject({
        conversationId,
        userId: ids[1],
      });
      expect(await bo.call("leaveConversation", { conversationId })).toMatchObject({
        success: true,
      });
      expect(await bo.next("conversation_left")).toMatchObject({ conversationId });
      expect(await ada.next("user_left_conversation")).toMatchObject({
        conversationId,
        userId: ids[1],
      });
    });

    it.each(["joinConversation", "leaveConversation"])("%s is for members", async (event) => {
      const ada = await place.connect(person());
      expect(await ada.call(event, { conversationId: "g1" })).toMatchObject({
        success: false,
        code: "NOT_FOUND",
      });
      expect(await ada.next("conversation_error")).toMatchObject({
        code: "NOT_FOUND",
        conversationId: "g1",
      });
    });

    it("are listed by their members", async () => {
      const { ada, ids, conversationId: groupId } = await place.pair();
      expect(await ada.call("getGroupMembers", { groupId })).toMatchObject({
        success: true,
        groupId,
        members: expect.arrayContaining([
          expect.objectContaining({ userId: ids[0], role: "owner", online: true }),
          expect.objectContaining({ userId: ids[1], role: "member", online: true }),
        ]),
        nextCursor: null,
      });
      expect(await ada.next("groupMembers")).toMatchObject({ groupId });
    });

    it("are left by a member, who hears no more of them", async () => {
      const { ada, bo, conversationId: groupId } = await place.pair();
      expect(await bo.call("leaveGroup", { groupId })).toMatchObject({ success: true, groupId });
      expect(await bo.next("leftGroup")).toMatchObject({ groupId });
      expect(await ada.next("newMessage")).toMatchObject({
        type: "SYSTEM",
        metadata: { action: "left" },
      });
      await sent(ada, groupId, "alone");
      expect(await bo.call("joinConversation", { conversationId: groupId })).toMatchObject({
        code: "NOT_FOUND",
      });
      expect(bo.received.filter(({ payload }) => payload["content"] === "alone")).toEqual([]);
    });

    it("that are for invited people only are not joined", async () => {
      const { conversationId: groupId } = await place.pair();
      const stranger = await place.connect(person());
      expect(await stranger.call("joinGroup", { groupId })).toMatchObject({ success: false });
      expect(await stranger.next("group_error")).toMatchObject({ groupId });
    });
  });
});
