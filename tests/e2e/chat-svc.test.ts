import { describe, expect, it } from "vitest";
import type { ChatClient } from "../support/chat-client.ts";
import { chatPlace, person } from "../support/chat-place.ts";

/** The second system's dialect, and both of them in one conversation. */
const place = chatPlace();

async function room(userId: string): Promise<ChatClient> {
  const client = await place.connect(userId);
  expect(await client.call("joinRoom", userId)).toMatchObject({ success: true });
  return client;
}

describe("chat-svc", () => {
  it("carries a message to both, in its own words", async () => {
    const [one, other] = [person(), person()].toSorted();
    if (one === undefined || other === undefined) throw new Error("two people");
    const [ada, bo] = [await room(one), await room(other)];
    const message = {
      message_id: `${one}_${other}.1`,
      conversation_id: `${one}_${other}`,
      seq: 1,
      sender_id: one,
      receiver_id: other,
      text_content: "hello",
      attachment_url: null,
      attachment_filename: null,
      attachment_mimetype: null,
      message_type: "TEXT",
      is_spam: false,
      timestamp: expect.any(String),
    };
    const sent = { sender_id: one, receiver_id: other, text_content: "hello" };
    expect(await ada.call("chatMessage", sent)).toMatchObject({ success: true, ...message });
    expect(await ada.next("messageSent")).toMatchObject(message);
    expect(await bo.next("newMessage")).toMatchObject(message);
    const named = { ...sent, conversation_id: message.conversation_id, text_content: "again" };
    expect(await ada.call("chatMessage", named)).toMatchObject({ success: true, seq: 2 });
    expect(await bo.next("newMessage")).toMatchObject({ text_content: "again" });
    expect(ada.count("newMessage")).toBe(0);
  });

  it("carries an attachment by its address", async () => {
    const [one, other] = [person(), person()];
    const [ada, bo] = [await room(one), await room(other)];
    const attachment = {
      attachment_url: "/uploads/cat.png",
      attachment_filename: "cat.png",
      attachment_mimetype: "image/png",
    };
    const sent = { sender_id: one, receiver_id: other, text_content: "", ...attachment };
    expect(await ada.call("chatMessage", sent)).toMatchObject({ success: true, ...attachment });
    expect(await bo.next("newMessage")).toMatchObject({ ...attachment, message_type: "IMAGE" });
  });

  it("relays typing to the other one", async () => {
    const [one, other] = [person(), person()];
    const [ada, bo] = [await room(one), await room(other)];
    await ada.call("chatMessage", { sender_id: one, receiver_id: other, text_content: "x" });
    await bo.next("newMessage");
    const typing = { sender_id: one, receiver_id: other };
    expect(await ada.call("typing", typing)).toMatchObject({ success: true });
    expect(await bo.next("typing")).toMatchObject({ ...typing, userId: one });
    ada.emit("stopTyping", typing);
    expect(await bo.next("stopTyping")).toMatchObject({ ...typing, userId: one });
  });

  it.each([
    {
      note: "somebody else's name",
      message: { sender_id: "x", receiver_id: "y", text_content: "z" },
      code: "INVALID_TOKEN",
    },
    { note: "nobody to get it", message: { text_content: "z" }, code: "MISSING_DATA" },
    { note: "nothing in it", message: { receiver_id: "y" }, code: "MISSING_DATA" },
    {
      note: "a strange conversation",
      message: { conversation_id: "a_b", text_content: "z" },
      code: "NOT_FOUND",
    },
  ])("refuses a message with $note", async ({ message, code }) => {
    const ada = await room(person());
    expect(await ada.call("chatMessage", message)).toMatchObject({ success: false, code });
    expect(await ada.next("messageError")).toMatchObject({
      code,
      error: expect.any(String),
      message: expect.any(String),
    });
  });

  it("lets nobody into somebody else's room", async () => {
    const ada = await place.connect(person());
    expect(await ada.call("joinRoom", "somebody")).toMatchObject({
      success: false,
      code: "INVALID_TOKEN",
    });
    expect(await ada.call("joinRoom")).toMatchObject({ success: false, code: "MISSING_DATA" });
  });

  it("sits in one conversation with the other dialect, and both hear each other in their own words", async () => {
    const [one, other] = [person(), person()];
    const ada = await place.connect(one);
    const bo = await place.connect(other, { query: { dialect: "chat-svc" } });
    const answer = await ada.call("sendMessage", { receiverId: other, content: "from nGomna" });
    const conversationId = String(answer["conversationId"]);
    expect(await bo.next("newMessage")).toMatchObject({
      conversation_id: conversationId,
      sender_id: one,
      receiver_id: other,
      text_content: "from nGomna",
    });
    await bo.call("chatMessage", {
      sender_id: other,
      receiver_id: one,
      text_content: "from chat-svc",
    });
    expect(await ada.next("newMessage")).toMatchObject({
      conversationId,
      senderId: other,
      content: "from chat-svc",
    });
    ada.emit("typing", { conversationId });
    expect(await bo.next("typing")).toMatchObject({
      sender_id: one,
      receiver_id: other,
      userId: one,
    });
    bo.emit("typing", { sender_id: other, receiver_id: one });
    expect(await ada.next("userTyping")).toMatchObject({ conversationId, userId: other });
  });
});
