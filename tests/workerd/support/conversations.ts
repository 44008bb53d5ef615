import { env } from "cloudflare:workers";
import type { AdmissionRpc } from "../../../edge/rpc/admission-rpc.ts";
import type {
  Appended,
  ConversationRpc,
  HistoryQuery,
} from "../../../edge/rpc/conversation-rpc.ts";
import type { Refusal } from "../../../protocol/error-codes.ts";
import type { MessageEvent } from "../../../protocol/event.ts";
import {
  directConversationId,
  parseConversationId,
  parseUserId,
  type ConversationId,
  type UserId,
} from "../../../protocol/ids.ts";
import type { Result } from "../../../protocol/result.ts";
import { asMember } from "../../support/changes.ts";
import type { Conversation } from "../worker.ts";

export interface TestConversation {
  id: ConversationId;
  /** Calls as the worker makes them: plain data goes in and comes out. */
  rpc: ConversationRpc & AdmissionRpc;
  stub: DurableObjectStub<Conversation>;
}

/** A fresh group; the first member founds it. The prefix is part of its id. */
export function foundGroup(members: readonly string[], prefix = ""): Promise<TestConversation> {
  return foundNamed(`${prefix}${crypto.randomUUID()}`, members);
}

/** A group of this id; the first member founds it. */
export async function foundNamed(
  id: string,
  members: readonly string[],
): Promise<TestConversation> {
  const conversation = conversationOf(id);
  const [founderId] = members;
  if (founderId === undefined) throw new Error("a group has a founder");
  const founded = await conversation.rpc.found({
    conversationId: conversation.id,
    type: "group",
    name: "Team",
    founderId: user(founderId),
    members: members.map((userId, index) => ({
      userId,
      name: userId.toUpperCase(),
      role: index === 0 ? "owner" : "member",
    })),
  });
  valueOf(founded);
  return conversation;
}

/** The conversation of two people. */
export async function foundDirect(one: UserId, other: UserId): Promise<TestConversation> {
  const conversation = conversationOf(directConversationId(one, other));
  const founded = await conversation.rpc.found({
    conversationId: conversation.id,
    type: "direct",
    name: null,
    founderId: one,
    members: [one, other].map((userId) => ({ userId, name: userId, role: "member" })),
  });
  valueOf(founded);
  return conversation;
}

export function conversationOf(text: string): TestConversation {
  const id = valueOf(parseConversationId(text));
  const stub = env.CONVERSATION.getByName(id);
  return { id, stub, rpc: stub };
}

export function user(text: string): UserId {
  return valueOf(parseUserId(text));
}

export function trySend(
  { rpc }: TestConversation,
  senderId: string,
  clientMessageId: string,
  content = clientMessageId,
): Promise<Result<Appended[], Refusal>> {
  const message = { type: "TEXT" as const, content };
  return rpc.append(asMember(senderId), { sends: [{ clientMessageId, message }] });
}

export async function send(
  conversation: TestConversation,
  senderId: string,
  clientMessageId: string,
  content = clientMessageId,
): Promise<Appended> {
  const [only] = valueOf(await trySend(conversation, senderId, clientMessageId, content));
  if (only === undefined) throw new Error("one send has one place");
  return only;
}

/** Appends `count` messages of one member and resolves when all are stored. */
export async function sendMany(
  conversation: TestConversation,
  senderId: string,
  count: number,
  key = "m",
): Promise<void> {
  await Promise.all(range(1, count).map((n) => send(conversation, senderId, `${key}${n}`)));
}

/** A page of messages, without what stands beside them. */
export async function messagesOf(
  { rpc }: TestConversation,
  readerId: string,
  query: HistoryQuery,
): Promise<{ messages: MessageEvent[]; hasMore: boolean; head: number }> {
  const page = valueOf(await rpc.history(user(readerId), query));
  const messages = page.messages.map(({ event }) => {
    if (event.type !== "message") throw new Error(`${event.seq} is no message`);
    return event;
  });
  return { ...page, messages };
}

export async function viewOf({ rpc }: TestConversation, readerId: string) {
  return valueOf(await rpc.view(user(readerId)));
}

export function valueOf<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => from + index);
}
