import * as v from "valibot";
import {
  chatMessageSchema,
  draftOf,
  svcMessage,
  svcTypingSchema,
  type ChatMessage,
} from "../../core/chat/chat-svc.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { directConversationId, type ConversationId } from "../../protocol/ids.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { parse } from "../../edge/parse.ts";
import { requireSame, sayTyping, send, targetOf, type Call } from "./member-actions.ts";
import type { Outcome } from "./outcome.ts";

const SVC_EVENTS = ["joinRoom", "chatMessage"] as const;
export type SvcEventName = (typeof SVC_EVENTS)[number];

export function isSvcEvent(name: string | number): name is SvcEventName {
  return SVC_EVENTS.some((known) => known === name);
}

/** The room is the user's own: everything that is for him comes in any case, so joining it is only a greeting. */
export function joinRoom({ me }: Call, payload: unknown): Outcome {
  const userId = v.safeParse(v.string(), payload);
  if (!userId.success) throw new RefusedError(refusal("MISSING_DATA", "the user id is missing"));
  requireSame(me, userId.output);
  return { event: null, payload: { userId: me.userId } };
}

export async function chatMessage(call: Call, payload: unknown): Promise<Outcome> {
  const given = parse(chatMessageSchema, payload ?? {});
  requireSame(call.me, given.sender_id);
  const message = draftOf(given);
  if (message.type === "TEXT" && message.content === "") {
    throw new RefusedError(refusal("MISSING_DATA", "text_content: is missing"));
  }
  const id = await svcTarget(call, given);
  const clientMessageId = given.client_message_id ?? crypto.randomUUID();
  const { seq, at } = await send(call, id, { clientMessageId, message });
  const event = {
    seq,
    at,
    type: "message" as const,
    senderId: call.me.userId,
    clientMessageId,
    message,
  };
  return { event: "messageSent", payload: svcMessage(id, event, isoTime) };
}

/** Clients name the pair's conversation before there is one: then the receiver opens it. */
async function svcTarget(call: Call, given: ChatMessage): Promise<ConversationId> {
  const { conversation_id: named, receiver_id: receiverId } = given;
  const isPair =
    receiverId !== undefined &&
    receiverId !== null &&
    named === directConversationId(call.me.userId, receiverId);
  return targetOf(call, isPair ? undefined : named, receiverId);
}

export async function svcTyping(call: Call, payload: unknown, active: boolean): Promise<Outcome> {
  const given = parse(svcTypingSchema, payload);
  requireSame(call.me, given.sender_id);
  return sayTyping(call, conversationOf(call, given), active);
}

function conversationOf(
  { me }: Call,
  given: v.InferOutput<typeof svcTypingSchema>,
): ConversationId {
  if (given.conversation_id !== undefined && given.conversation_id !== null) {
    return given.conversation_id;
  }
  if (given.receiver_id === undefined || given.receiver_id === null) {
    throw new RefusedError(refusal("MISSING_DATA", "conversation_id or receiver_id is needed"));
  }
  return directConversationId(me.userId, given.receiver_id);
}
