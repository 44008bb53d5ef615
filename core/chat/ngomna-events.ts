import * as v from "valibot";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fitting } from "../../protocol/fitting.ts";
import {
  conversationIdSchema,
  fileIdSchema,
  messageIdSchema,
  userIdSchema,
} from "../../protocol/id-schemas.ts";
import {
  clientMessageIdSchema,
  contentSchema,
  emojiSchema,
  messageDraftSchema,
} from "../../protocol/message.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ServerEventName } from "./server-events.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const inConversation = v.object({ conversationId: conversationIdSchema });
const onMessage = v.object({
  messageId: messageIdSchema,
  conversationId: v.optional(conversationIdSchema),
});
const inGroup = v.object({ groupId: conversationIdSchema });

/** What nGomna's clients emit, by name. */
export const NGOMNA_CLIENT_EVENTS = {
  authenticate: v.object({
    token: v.optional(v.string()),
    userId: v.optional(v.string()),
    matricule: v.optional(v.nullable(v.string())),
  }),
  sendMessage: v.intersect([
    v.object({
      conversationId: v.optional(conversationIdSchema),
      receiverId: v.optional(userIdSchema),
      senderId: v.optional(v.string()),
      clientMessageId: v.optional(clientMessageIdSchema),
      ifLastSeq: v.optional(seq),
    }),
    messageDraftSchema,
  ]),
  joinConversation: v.object({ ...inConversation.entries, afterSeq: v.optional(seq) }),
  leaveConversation: inConversation,
  typing: inConversation,
  stopTyping: inConversation,
  getOnlineUsers: v.object({ conversationId: v.optional(conversationIdSchema) }),
  markMessageDelivered: onMessage,
  messageReceived: onMessage,
  markMessageRead: onMessage,
  markConversationRead: inConversation,
  getMessageStatus: onMessage,
  deleteMessage: v.object({
    ...onMessage.entries,
    scope: v.optional(v.picklist(["everyone", "me"]), "everyone"),
  }),
  deleteFile: v.object({ fileId: fileIdSchema }),
  editMessage: v.object({ ...onMessage.entries, newContent: contentSchema }),
  reactToMessage: v.object({
    ...onMessage.entries,
    emoji: emojiSchema,
    active: v.optional(v.boolean(), true),
  }),
  ping: v.object({}),
  joinGroup: inGroup,
  leaveGroup: inGroup,
  getGroupMembers: v.object({
    ...inGroup.entries,
    cursor: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(1_024)))),
  }),
} as const satisfies Record<string, v.GenericSchema>;

export type NgomnaEventName = keyof typeof NGOMNA_CLIENT_EVENTS;
export type NgomnaPayload<Name extends NgomnaEventName> = v.InferOutput<
  (typeof NGOMNA_CLIENT_EVENTS)[Name]
>;

/** The events that carry an error to the caller. Deletions and edits have two, since clients of both kinds exist. */
export const ERROR_EVENTS = {
  authenticate: ["auth_error"],
  sendMessage: ["message_error"],
  joinConversation: ["conversation_error"],
  leaveConversation: ["conversation_error"],
  typing: ["conversation_error"],
  stopTyping: ["conversation_error"],
  getOnlineUsers: ["conversation_error"],
  markMessageDelivered: ["status_error"],
  messageReceived: ["status_error"],
  markMessageRead: ["status_error"],
  markConversationRead: ["status_error"],
  getMessageStatus: ["status_error"],
  deleteMessage: ["message_error", "status_error"],
  deleteFile: ["message_error", "status_error"],
  editMessage: ["message_error", "status_error"],
  reactToMessage: ["message_error"],
  ping: [],
  joinGroup: ["group_error"],
  leaveGroup: ["group_error"],
  getGroupMembers: ["group_error"],
} as const satisfies Record<NgomnaEventName, readonly ServerEventName[]>;

/** An event by its name; a name that is none of ours is none, whatever it is called. */
export function isNgomnaEvent(name: string | number): name is NgomnaEventName {
  return Object.hasOwn(NGOMNA_CLIENT_EVENTS, name);
}

/** Reads an event's one argument; left out, it is an empty object, since Dart's client sends none for `emit(name)`. */
export function parsePayload<Name extends NgomnaEventName>(
  name: Name,
  payload: unknown,
): Result<NgomnaPayload<Name>, Refusal> {
  const given = payload ?? {};
  if (Array.isArray(given)) return fail(refusal("INVALID_DATA", "the payload is an object"));
  if (name === "sendMessage" && !saysSomething(given)) {
    return fail(refusal("MISSING_DATA", "content: is missing"));
  }
  const parsed = fitting<v.GenericSchema>(NGOMNA_CLIENT_EVENTS[name], given);
  // the schema is the one that the type is inferred from
  return parsed.ok ? ok(parsed.value as NgomnaPayload<Name>) : parsed;
}

/** Whether a message brings anything; the draft's own rule cannot tell what is missing from what is wrong. */
function saysSomething(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return true; // wrong, and not missing
  return SAYING.some((name) => {
    const value: unknown = Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined;
    return value !== undefined && value !== null && value !== "";
  });
}

const SAYING = ["content", "attachments", "metadata"];
