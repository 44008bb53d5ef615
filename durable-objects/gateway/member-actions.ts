import type { OtherChange } from "../../core/changes/change.ts";
import { refusal } from "../../protocol/error-codes.ts";
import {
  directConversationId,
  messageIdOf,
  type ConversationId,
  type UserId,
} from "../../protocol/ids.ts";
import { openDirect } from "../../edge/calls/founding.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import type { Appended, Send } from "../../edge/rpc/conversation-rpc.ts";
import type { Person } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import { messageEcho, type ChatSocket } from "./chat-socket.ts";
import type { Outcome } from "./outcome.ts";
import { peopleIn } from "./people-book.ts";
import { readerEvents } from "./reader-events.ts";

/** One event of somebody who has signed in. */
export interface Call {
  parts: ChatParts;
  chat: ChatSocket;
  me: Person;
  /** The trace that the event is part of. Rule TRC-1. */
  traceparent?: string | undefined;
}

/** A payload may repeat who sends it; the token alone decides. */
export function requireSame(me: Person, claimed: string | null | undefined): void {
  if (claimed === undefined || claimed === null || claimed === "" || claimed === me.userId) return;
  throw new RefusedError(
    refusal("INVALID_TOKEN", "the payload names somebody else than the token"),
  );
}

/** Where a message goes; a first one to a person opens the conversation with them. */
export async function targetOf(
  { parts, chat, me }: Call,
  conversationId: ConversationId | null | undefined,
  receiverId: UserId | null | undefined,
): Promise<ConversationId> {
  if (conversationId !== undefined && conversationId !== null) return conversationId;
  if (receiverId === undefined || receiverId === null) {
    throw new RefusedError(refusal("MISSING_DATA", "conversationId or receiverId is needed"));
  }
  const id = directConversationId(me.userId, receiverId);
  if (!parts.hub.isFollowing(chat, id)) await openDirect(parts.env, parts.config(), me, receiverId);
  return id;
}

/** Stores one message; the connection that sent it does not hear of it as of somebody else's. */
export async function send(
  { parts, chat, me, traceparent }: Call,
  id: ConversationId,
  message: Send,
  ifLastSeq?: number,
): Promise<Appended> {
  const echo = messageEcho(id, message.clientMessageId);
  chat.echoes.expect(echo);
  const actor = { userId: me.userId, authority: "member" as const, traceparent };
  const request = { sends: [message] as const, ifLastSeq };
  const placed = await parts.sends.append(id, { actor, request });
  if (!placed.ok || placed.value[0]?.repeated === true) chat.echoes.take(echo);
  const [only] = accept(placed);
  if (only === undefined) throw new Error("one send has one place");
  // who writes in a conversation hears it from then on, also one that is older than those followed from the start
  if (!parts.hub.isFollowing(chat, id)) {
    parts.waitUntil(parts.hub.follow(chat, id).then(() => chat.settled()));
  }
  return only;
}

/** A change of a conversation; `echo` keeps its event from the connection that has an answer of its own. */
export async function change(
  { parts, chat, me, traceparent }: Call,
  id: ConversationId,
  wanted: OtherChange,
  echo: string | null,
): Promise<Appended> {
  if (echo !== null) chat.echoes.expect(echo);
  const actor = { userId: me.userId, authority: "member" as const, traceparent };
  const key = crypto.randomUUID();
  const placed = await parts.calls.call(id, (stub) => stub.change(actor, key, wanted));
  if (echo !== null && (!placed.ok || placed.value.repeated)) chat.echoes.take(echo);
  return accept(placed);
}

interface OnMessage {
  messageId: { conversationId: ConversationId; seq: number };
  conversationId?: ConversationId | undefined;
}

/** A message id names its conversation; one that is given beside it has to be the same. */
export function placeOf({ messageId, conversationId }: OnMessage) {
  if (conversationId !== undefined && conversationId !== messageId.conversationId) {
    throw new RefusedError(refusal("INVALID_DATA", "a message of another conversation"));
  }
  return messageId;
}

/** Receipts of many people go through here, so they share a row and may take up to a second. */
export async function markMessage(
  { parts, me }: Call,
  payload: OnMessage,
  kind: "delivered" | "read",
): Promise<object> {
  const { conversationId, seq } = placeOf(payload);
  const receipt = kind === "read" ? { read: seq } : { delivered: seq };
  accept(
    await parts.calls.call(conversationId, (stub) => stub.receive(me.userId, receipt, "soon")),
  );
  return {
    messageId: messageIdOf(conversationId, seq),
    conversationId,
    status: kind === "read" ? "READ" : "DELIVERED",
    timestamp: isoTime(Date.now()),
  };
}

export async function sayTyping(
  { parts, me }: Call,
  conversationId: ConversationId,
  active: boolean,
): Promise<Outcome> {
  accept(await parts.calls.call(conversationId, (stub) => stub.typing(me.userId, active)));
  return { event: null, payload: { conversationId } };
}

/** Messages after `afterSeq` for a connection that has them by its own cursor, since its client asks for them again. */
export async function replay(
  { parts, chat, me }: Call,
  conversationId: ConversationId,
  afterSeq: number,
): Promise<void> {
  const end = parts.hub.subscription(chat, conversationId)?.cursor ?? 0;
  for (let cursor = afterSeq; cursor < end;) {
    const page = accept(
      await parts.calls.call(conversationId, (stub) => stub.catchUp(me.userId, cursor)),
    );
    const events = readerEvents(page.events);
    await parts.people.know(peopleIn(events));
    for (const event of events) if (event.seq <= end) chat.message(conversationId, event);
    if (page.cursor <= cursor) return;
    cursor = page.cursor;
  }
}
