import type { NgomnaEventName, NgomnaPayload } from "../../core/chat/ngomna-events.ts";
import {
  deletedPayload,
  editedPayload,
  fileDeletedPayload,
} from "../../core/chat/ngomna-render.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import { messageIdOf } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { accept } from "../../edge/refused-error.ts";
import { deletionEcho, editEcho, fileEcho, hiddenEcho } from "./chat-socket.ts";
import {
  change,
  markMessage,
  placeOf,
  replay,
  requireSame,
  sayTyping,
  send,
  targetOf,
  type Call,
} from "./member-actions.ts";
import type { Outcome } from "./outcome.ts";
import { onlineUsers } from "./online-users.ts";

type Handler<Name extends NgomnaEventName> = (
  call: Call,
  payload: NgomnaPayload<Name>,
) => Promise<Outcome> | Outcome;

/** Everything but `authenticate`, which is for those who have not signed in. */
export type HandledName = Exclude<NgomnaEventName, "authenticate">;

export const HANDLERS: { readonly [Name in HandledName]: Handler<Name> } = {
  sendMessage: async (call, payload) => {
    const { conversationId, receiverId, senderId, clientMessageId, ifLastSeq, ...message } =
      payload;
    requireSame(call.me, senderId);
    const id = await targetOf(call, conversationId, receiverId);
    const key = clientMessageId ?? crypto.randomUUID();
    const placed = await send(call, id, { clientMessageId: key, message }, ifLastSeq);
    return {
      event: "message_sent",
      payload: {
        messageId: messageIdOf(id, placed.seq),
        conversationId: id,
        seq: placed.seq,
        clientMessageId: key,
        status: "SENT",
        timestamp: isoTime(placed.at),
      },
    };
  },

  joinConversation: async ({ parts, chat, me }, { conversationId, afterSeq }) => {
    const wasFollowing = parts.hub.isFollowing(chat, conversationId);
    const from = afterSeq === undefined ? {} : { from: fromSeq(afterSeq) };
    const { view } = accept(await parts.hub.follow(chat, conversationId, from));
    chat.settled(); // what it follows from now on outlives a sleep, also when nothing is missing
    accept(await parts.calls.call(conversationId, (stub) => stub.visit(me.userId, true)));
    parts.waitUntil(
      wasFollowing && afterSeq !== undefined
        ? replay({ parts, chat, me }, conversationId, afterSeq)
        : parts.missed.catchUp(chat, conversationId),
    );
    return {
      event: "conversation_joined",
      payload: {
        conversationId,
        lastSeq: view.head,
        readSeq: view.me.read,
        unreadCount: view.me.unread,
        timestamp: isoTime(Date.now()),
      },
    };
  },

  leaveConversation: async ({ parts, me }, { conversationId }) => {
    accept(await parts.calls.call(conversationId, (stub) => stub.visit(me.userId, false)));
    return {
      event: "conversation_left",
      payload: { conversationId, timestamp: isoTime(Date.now()) },
    };
  },

  typing: (call, { conversationId }) => sayTyping(call, conversationId, true),
  stopTyping: (call, { conversationId }) => sayTyping(call, conversationId, false),

  getOnlineUsers: async (call, { conversationId }) => {
    const users = await onlineUsers(call, conversationId);
    const timestamp = isoTime(Date.now());
    return { event: "onlineUsers", payload: { users, count: users.length, timestamp } };
  },

  markMessageDelivered: async (call, payload) => ({
    event: "messageDelivered",
    payload: await markMessage(call, payload, "delivered"),
  }),
  messageReceived: async (call, payload) => ({
    event: null,
    payload: await markMessage(call, payload, "delivered"),
  }),
  markMessageRead: async (call, payload) => ({
    event: "messageRead",
    payload: await markMessage(call, payload, "read"),
  }),

  markConversationRead: async ({ parts, me }, { conversationId }) => {
    const receipt = accept(
      await parts.calls.call(conversationId, (stub) => stub.receive(me.userId, "all", "soon")),
    );
    const { readCount, read: readSeq } = receipt;
    return {
      event: "conversationMarkedRead",
      payload: { conversationId, readCount, readSeq, timestamp: isoTime(Date.now()) },
    };
  },

  getMessageStatus: async ({ parts, me }, payload) => {
    const { conversationId, seq } = placeOf(payload);
    const found = accept(
      await parts.calls.call(conversationId, (stub) => stub.status(me.userId, seq)),
    );
    const { status, deliveredTo, readBy, pending, deliveredAt, readAt } = found;
    return {
      event: "messageStatus",
      payload: {
        messageId: messageIdOf(conversationId, seq),
        conversationId,
        status,
        deliveredTo,
        readBy,
        pending,
        deliveredAt: deliveredAt === null ? null : isoTime(deliveredAt),
        readAt: readAt === null ? null : isoTime(readAt),
        timestamp: isoTime(Date.now()),
      },
    };
  },

  deleteMessage: async (call, payload) => {
    const { parts, chat, me } = call;
    const { conversationId, seq } = placeOf(payload);
    const { scope } = payload;
    const deleted = (at: number): Outcome => ({
      event: "messageDeleted",
      payload: deletedPayload(conversationId, seq, scope, isoTime(at)),
    });
    if (scope === "me") {
      const echo = hiddenEcho(conversationId, seq);
      chat.echoes.expect(echo);
      const hidden = await parts.calls.call(conversationId, (stub) => stub.hide(me.userId, seq));
      if (!hidden.ok) chat.echoes.take(echo);
      accept(hidden);
      return deleted(Date.now());
    }
    const echo = deletionEcho(conversationId, seq);
    const { at } = await change(call, conversationId, { type: "delete", target: seq }, echo);
    return deleted(at);
  },

  deleteFile: async ({ parts, chat, me }, { fileId }) => {
    const id = fileIdOf(fileId);
    chat.echoes.expect(fileEcho(id));
    const gone = await parts.calls.call(fileId.conversationId, (stub) =>
      stub.deleteFile(me.userId, fileId.n),
    );
    if (!gone.ok || gone.value.repeated) chat.echoes.take(fileEcho(id));
    const { at } = accept(gone);
    return {
      event: "fileDeleted",
      payload: fileDeletedPayload(fileId.conversationId, id, isoTime(at)),
    };
  },

  editMessage: async (call, payload) => {
    const { parts, me } = call;
    const { conversationId, seq } = placeOf(payload);
    const edit = { type: "edit" as const, target: seq, content: payload.newContent };
    const { at } = await change(call, conversationId, edit, editEcho(conversationId, seq));
    const { event } = accept(
      await parts.calls.call(conversationId, (stub) => stub.message(me.userId, seq)),
    );
    const version = event.type === "message" ? (event.version ?? 1) : 1;
    const edited = { conversationId, target: seq, content: payload.newContent, version, at };
    return {
      event: "messageEdited",
      payload: editedPayload({ ...edited, senderId: me.userId }, isoTime),
    };
  },

  reactToMessage: async (call, payload) => {
    const { conversationId, seq } = placeOf(payload);
    const { emoji, active } = payload;
    const react = { type: "react" as const, target: seq, emoji, active };
    const { at } = await change(call, conversationId, react, null);
    const messageId = messageIdOf(conversationId, seq);
    return {
      event: null,
      payload: { messageId, conversationId, emoji, active, timestamp: isoTime(at) },
    };
  },

  ping: () => ({ event: "pong", payload: { timestamp: isoTime(Date.now()) } }),

  joinGroup: async (call, { groupId }) => {
    const { parts, chat, me } = call;
    const join = { type: "join" as const, name: me.name, secret: null };
    await change(call, groupId, join, null);
    const { view } = accept(await parts.hub.follow(chat, groupId));
    chat.settled();
    const { myRole: role, memberCount } = view;
    return {
      event: "joinedGroup",
      payload: { groupId, role, memberCount, timestamp: isoTime(Date.now()) },
    };
  },

  leaveGroup: async (call, { groupId }) => {
    const { at } = await change(call, groupId, { type: "leave" }, null);
    return { event: "leftGroup", payload: { groupId, timestamp: isoTime(at) } };
  },

  getGroupMembers: async ({ parts, me }, { groupId, cursor }) => {
    const page = {
      limit: LIMITS.namedMembers,
      ...(cursor === undefined || cursor === null ? {} : { cursor }),
    };
    const found = accept(await parts.calls.call(groupId, (stub) => stub.members(me.userId, page)));
    const online = new Set(found.online);
    const members = found.members.map(({ userId, name, role, joinedAt }) => ({
      userId,
      name,
      role,
      joinedAt: isoTime(joinedAt),
      online: online.has(userId),
    }));
    const { memberCount, nextCursor } = found;
    return { event: "groupMembers", payload: { groupId, members, memberCount, nextCursor } };
  },
};

/** A client's cursor; one beyond the end of the log means its end. */
function fromSeq(afterSeq: number): (view: { head: number }) => number {
  return ({ head }) => Math.min(afterSeq, head);
}
