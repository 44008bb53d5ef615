import * as v from "valibot";
import type { RecoveryOffset } from "../../core/chat/recovery-offset.ts";
import { splitName } from "../../core/person-name.ts";
import { conversationIdSchema } from "../../protocol/id-schemas.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { SUSPENDED } from "../../edge/auth/suspensions.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";
import { callForEach } from "../../edge/calls/object-call.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { isoTime } from "../../edge/iso-time.ts";
import type { ConversationView } from "../../edge/rpc/conversation-rpc.ts";
import type { Person } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import type { OffsetKeys } from "./offset-keys.ts";
import type { Subscriber } from "./subscriber.ts";

/** Conversations of the list that a client gets, and follows from the start; others once there is news of them. */
const LISTED = 50;
/** Most unread messages that a recovered connection is sent of a conversation that came up while it was away. */
const UNSEEN_MAX = 50;

/** What is needed of a list entry; the whole of it goes to the client. */
const listSchema = v.array(
  v.looseObject({
    conversationId: conversationIdSchema,
    memberCount: v.number(),
    updatedAt: v.pipe(
      v.string(),
      v.check((text) => !Number.isNaN(Date.parse(text))),
    ),
  }),
);
type List = v.InferOutput<typeof listSchema>;

/** How one conversation is taken up. */
interface Start {
  id: ConversationId;
  from?: (view: ConversationView) => number;
  notBefore?: number;
}

/**
 * Has a connection follow its user's newest conversations: from now on, or from where a recovery offset left off. Answers
 * the list of them. Large ones are left out until they are joined, unless the client had joined them.
 */
export async function followAll(
  { gateway, env, hub, keys }: ChatParts,
  { subscriber, connectionId }: { subscriber: Subscriber; connectionId: string },
  offset: RecoveryOffset | null,
): Promise<List> {
  const { userId } = subscriber;
  // before the list is read: what comes later is handed over
  const isWelcome = await callInbox(env, userId, (inbox) => inbox.connected(gateway, connectionId));
  if (!isWelcome) throw new RefusedError(SUSPENDED);
  const query = { limit: LISTED, includeArchived: true };
  const page = await callInbox(env, userId, (inbox) => inbox.list(query));
  const list = v.parse(listSchema, JSON.parse(page.conversations));
  const all =
    offset === null ? [] : await callInbox(env, userId, (inbox) => inbox.conversationIds());
  await callForEach(startsOf(keys, { list, all }, offset), ({ id, ...start }) =>
    hub.follow(subscriber, id, start),
  );
  return list;
}

/** The user's connection is gone. */
export async function signOut(
  { gateway, env }: ChatParts,
  userId: UserId,
  connectionId: string,
): Promise<void> {
  await callInbox(env, userId, (inbox) => inbox.disconnected(gateway, [connectionId]));
}

export function authenticatedPayload(
  { userId, name, matricule, role }: Person,
  conversations: List,
): object {
  return {
    success: true,
    userId,
    matricule,
    name,
    ...splitName(name),
    role,
    conversations,
    timestamp: isoTime(Date.now()),
  };
}

function startsOf(
  keys: OffsetKeys,
  { list, all }: { list: List; all: readonly ConversationId[] },
  offset: RecoveryOffset | null,
): Start[] {
  const known = all.flatMap((id): Start[] => {
    const cursor = offset?.cursors.get(keys.of(id));
    // a cursor is the client's word: one that is beyond the log means nothing
    return cursor === undefined ? [] : [{ id, from: ({ head }) => Math.min(cursor, head) }];
  });
  const resumed = new Set(known.map(({ id }) => id));
  const others = list
    .filter(({ memberCount }) => memberCount <= LIMITS.smallConversation)
    .filter(({ conversationId }) => !resumed.has(conversationId))
    .map(({ conversationId: id, updatedAt }): Start => {
      const cameUp = offset !== null && Date.parse(updatedAt) >= offset.at;
      return cameUp ? { id, from: unseenFrom, notBefore: offset.at } : { id };
    });
  return [...known, ...others];
}

/** Where a conversation starts that came up while the client was away: with what is unread, if that is not too much. */
function unseenFrom({ head, me }: ConversationView): number {
  return Math.max(0, head - Math.min(me.unread, UNSEEN_MAX));
}
