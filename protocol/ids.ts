import { fail, ok, type Result } from "./result.ts";
import { refusal, type Refusal } from "./error-codes.ts";

/** Position in a conversation's log: 1, 2, 3, … without gaps; 0 is the founding. */
export type Seq = number & { readonly __brand: "Seq" };
export type UserId = string & { readonly __brand: "UserId" };
/** `<user>_<user>` (sorted, escaped) for two people; letters, digits and `-` for a group. */
export type ConversationId = string & { readonly __brand: "ConversationId" };
/** Letters, digits and `-`, chosen by the list's owner or drawn. */
export type BroadcastId = string & { readonly __brand: "BroadcastId" };
/** `<conversationId>.<seq>`: a message id finds its object without a directory. */
export type MessageId = string & { readonly __brand: "MessageId" };

const GROUP_ID = /^[A-Za-z0-9-]{1,64}$/;
const ESCAPED_USER_ID = /^(?:[A-Za-z0-9-]|~[0-9A-F]{2}){1,600}$/;
const MESSAGE_ID = /^([A-Za-z0-9~_-]+)\.(0|[1-9][0-9]{0,15})$/;
/** Longest user id, in characters, that a token may carry. */
const USER_ID_MAX_CHARS = 200;

/** Sender of what the deployment itself says; nobody can be it, so nobody can use up its keys. */
export const SYSTEM_NOTIFICATION = "SYSTEM_NOTIFICATION";

export function parseSeq(value: unknown): Result<Seq, Refusal> {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
    return ok(value as Seq); // the line above proves it
  }
  return fail(refusal("INVALID_DATA", "a seq is a whole number from 0"));
}

export function parseUserId(value: unknown): Result<UserId, Refusal> {
  if (
    typeof value === "string" &&
    value.length > 0 &&
    value !== SYSTEM_NOTIFICATION &&
    value.length <= USER_ID_MAX_CHARS &&
    value.isWellFormed()
  ) {
    return ok(value as UserId); // the line above proves it
  }
  return fail(refusal("INVALID_DATA", `a user id is 1 to ${USER_ID_MAX_CHARS} characters`));
}

export function parseConversationId(value: unknown): Result<ConversationId, Refusal> {
  if (typeof value === "string" && (GROUP_ID.test(value) || isDirectId(value))) {
    return ok(value as ConversationId); // the line above proves it
  }
  return fail(refusal("INVALID_DATA", "not a conversation id"));
}

/** A group's id, chosen by its founder or drawn; it can never look like a direct conversation's. */
export function parseGroupId(value: unknown): Result<ConversationId, Refusal> {
  if (typeof value === "string" && GROUP_ID.test(value)) {
    return ok(value as ConversationId); // the line above proves it
  }
  return fail(refusal("INVALID_DATA", "a group id is 1 to 64 letters, digits or '-'"));
}

export function parseBroadcastId(value: unknown): Result<BroadcastId, Refusal> {
  if (typeof value === "string" && GROUP_ID.test(value)) {
    return ok(value as BroadcastId); // the line above proves it
  }
  return fail(refusal("INVALID_DATA", "a broadcast id is 1 to 64 letters, digits or '-'"));
}

/** The same id whoever of the two asks first, so that two people who open it at once get one conversation. */
export function directConversationId(one: UserId, other: UserId): ConversationId {
  const pair = [escapeUserId(one), escapeUserId(other)].toSorted();
  return pair.join("_") as ConversationId; // both halves are escaped, so the joint id parses
}

/** The two user ids of a direct conversation, or null for a group. */
export function directPair(id: ConversationId): [UserId, UserId] | null {
  const [one, other] = id.split("_");
  if (one === undefined || other === undefined) return null;
  return [unescapeUserId(one), unescapeUserId(other)];
}

export function messageIdOf(conversationId: ConversationId, seq: number): MessageId {
  return `${conversationId}.${seq}` as MessageId; // the shape that parseMessageId reads
}

export function parseMessageId(
  value: unknown,
): Result<{ conversationId: ConversationId; seq: Seq }, Refusal> {
  const match = typeof value === "string" ? MESSAGE_ID.exec(value) : null;
  const conversationId = parseConversationId(match?.[1]);
  const seq = parseSeq(Number(match?.[2]));
  if (!conversationId.ok || !seq.ok) return fail(refusal("INVALID_DATA", "not a message id"));
  return ok({ conversationId: conversationId.value, seq: seq.value });
}

function isDirectId(value: string): boolean {
  const halves = value.split("_");
  const [one, other] = halves;
  if (halves.length !== 2 || one === undefined || other === undefined) return false;
  return (
    ESCAPED_USER_ID.test(one) &&
    ESCAPED_USER_ID.test(other) &&
    one <= other &&
    unescapes(one) &&
    unescapes(other)
  );
}

function escapeUserId(id: UserId): string {
  return encodeURIComponent(id)
    .replaceAll(/[_.!~*'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%", "~");
}

function unescapeUserId(escaped: string): UserId {
  return decodeURIComponent(escaped.replaceAll("~", "%")) as UserId; // inverse of escapeUserId
}

/** Whether the escape is the one escapeUserId writes: two spellings of one user would be two conversations. */
function unescapes(escaped: string): boolean {
  try {
    return escapeUserId(unescapeUserId(escaped)) === escaped;
  } catch {
    return false;
  }
}
