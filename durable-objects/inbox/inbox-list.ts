import type { ConversationType } from "../../protocol/event.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import type {
  ListPage,
  ListPlace,
  ListQuery,
  Poke,
  Preferences,
} from "../../edge/rpc/inbox-rpc.ts";

/** A row of the list as it is shown. */
export interface ListedEntry {
  conversationId: ConversationId;
  upkeep: Poke["upkeep"];
  type: ConversationType;
  activityAt: number;
  unread: number;
  changedAt: number;
  archived: boolean;
  markedUnread: boolean;
  /** JSON object in UTF-8, of which a list is put together. */
  json: Uint8Array;
}

/** A page as the Inbox holds it. */
export interface HeldPage extends Omit<ListPage, "conversations"> {
  /** JSON objects in UTF-8, newest activity first. */
  entries: readonly Uint8Array[];
}

/** One page of the entries, which come newest first. The totals are those of the whole list that was asked for. */
export function listPage(
  entries: readonly ListedEntry[],
  removed: readonly string[],
  query: ListQuery,
  { now, tag }: { now: number; tag: string },
): HeldPage {
  const { limit, page = 1, after, changedSince, type, includeArchived } = query;
  const wanted = entries.filter(
    (entry) =>
      (type === undefined || entry.type === type) &&
      (includeArchived || !entry.archived || changedSince !== undefined) &&
      (changedSince === undefined || entry.changedAt >= changedSince),
  );
  const unread = wanted.filter(({ unread, markedUnread }) => unread > 0 || markedUnread);
  const start =
    after === undefined
      ? (page - 1) * limit
      : wanted.findIndex((entry) => comesAfter(entry, after));
  const shown = start === -1 ? [] : wanted.slice(start, start + limit);
  const last = start === -1 || start + limit >= wanted.length ? undefined : shown.at(-1);
  return {
    entries: shown.map(({ json }) => json),
    totalCount: wanted.length,
    totalUnread: wanted.reduce((sum, { unread: count }) => sum + count, 0),
    unreadConversations: unread.length,
    next:
      last === undefined
        ? null
        : { activityAt: last.activityAt, conversationId: last.conversationId },
    removed: [...removed],
    syncedAt: now,
    tag,
  };
}

export function preferencesOf({
  muted,
  pinned,
  archived,
  markedUnread,
}: {
  [Name in keyof Preferences]: SqlStorageValue;
}): Preferences {
  return {
    muted: muted === 1,
    pinned: pinned === 1,
    archived: archived === 1,
    markedUnread: markedUnread === 1,
  };
}

/** The summary with the user's own preferences; spliced, since a summary is JSON already. */
export function entryText(summary: string, preferences: Preferences): string {
  return `${summary.slice(0, -1)},${JSON.stringify(preferences).slice(1)}`;
}

function comesAfter({ activityAt, conversationId }: ListedEntry, place: ListPlace): boolean {
  if (activityAt !== place.activityAt) return activityAt < place.activityAt;
  return conversationId > place.conversationId;
}
