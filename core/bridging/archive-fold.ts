import type { OutboxEvent } from "../../protocol/outbox-frames.ts";
import type { ArchivedConversation, ArchivedMessage } from "./archive-document.ts";
import type { TimeWriter } from "../message-view.ts";

/**
 * What later events make of an archived document. Each event counts once, by its seq: a replay of any part of the log,
 * by any number of bridges, leaves a document that has it already as it is. Rule ARC-1.
 */

const MESSAGE_CHANGES = [
  "edited",
  "deleted",
  "erased",
  "reaction",
  "reported",
  "judged",
  "fileDeleted",
] as const satisfies OutboxEvent["type"][];
const CONVERSATION_CHANGES = [
  "membership",
  "settings",
  "dismissed",
] as const satisfies OutboxEvent["type"][];

/** Events that change messages; they name them as their `target` or `targets`. */
export type MessageChange = Extract<OutboxEvent, { type: (typeof MESSAGE_CHANGES)[number] }>;
/** Events that change the conversation itself. */
export type ConversationChange = Extract<
  OutboxEvent,
  { type: (typeof CONVERSATION_CHANGES)[number] }
>;

export function isMessageChange(event: OutboxEvent): event is MessageChange {
  return MESSAGE_CHANGES.some((type) => type === event.type);
}

export function isConversationChange(event: OutboxEvent): event is ConversationChange {
  return CONVERSATION_CHANGES.some((type) => type === event.type);
}

/** The seqs of the messages that it changes. */
export function targetsOf(event: MessageChange): readonly number[] {
  return "targets" in event ? event.targets : [event.target];
}

/** The part of a message's document that events change. */
export type MessageState<Time> = Pick<
  ArchivedMessage<Time>,
  | "appliedSeq"
  | "version"
  | "content"
  | "text_content"
  | "editedAt"
  | "deletedAt"
  | "replyTo"
  | "attachments"
  | "deletedAttachments"
  | "attachment_url"
  | "attachment_filename"
  | "attachment_mimetype"
  | "mentions"
  | "reactions"
  | "history"
  | "isSpam"
  | "is_spam"
> & { metadata?: unknown; metadataJson?: string | null | undefined };

/** The part of a conversation's document that events change. */
export type ConversationState<Time> = Pick<
  ArchivedConversation<Time>,
  "appliedSeq" | "name" | "avatarFileId" | "members" | "banned" | "settings" | "dismissedAt"
>;

/** Answers the same object when the event is in it already. */
export function foldMessage<Time, State extends MessageState<Time>>(
  state: State,
  event: MessageChange,
  time: TimeWriter<Time>,
): State {
  if (event.seq <= state.appliedSeq) return state;
  return { ...state, ...changedMessage(state, event, time), appliedSeq: event.seq };
}

/** Answers the same object when the event is in it already. */
export function foldConversation<Time, State extends ConversationState<Time>>(
  state: State,
  event: ConversationChange,
  time: TimeWriter<Time>,
): State {
  if (event.seq <= state.appliedSeq) return state;
  return { ...state, ...changedConversation(state, event, time), appliedSeq: event.seq };
}

function changedMessage<Time>(
  state: MessageState<Time>,
  event: MessageChange,
  time: TimeWriter<Time>,
): Partial<MessageState<Time>> {
  switch (event.type) {
    case "edited": {
      const history = withReplaced(state, event, time);
      // the message may have come with this edit already, or with a later one
      if (event.version <= state.version) return { history };
      const { content, version } = event;
      return { history, content, text_content: content, version, editedAt: time(event.at) };
    }
    case "deleted":
      return {
        ...erased(state, time(event.at)),
        history: withReplaced(state, event, time),
      };
    // the texts that it ended stay in the conversation, for moderators: one event does not carry five hundred of them
    case "erased":
      return erased(state, time(event.at));
    case "reported":
    case "judged":
      return { isSpam: event.isSpam, is_spam: event.isSpam };
    case "reaction": {
      const { emoji, senderId: userId } = event;
      const others = state.reactions.filter(
        (reaction) => reaction.emoji !== emoji || reaction.userId !== userId,
      );
      return { reactions: event.active ? [...others, { emoji, userId }] : others };
    }
    case "fileDeleted": {
      const { fileId } = event;
      // the message may have come with it already
      const gone = state.deletedAttachments.filter((other) => other !== fileId);
      const isShown = state.attachments[0] !== fileId;
      return {
        deletedAttachments: [...gone, fileId],
        ...(isShown ? {} : { attachment_url: null }),
      };
    }
  }
}

function erased<Time>(state: MessageState<Time>, deletedAt: Time): Partial<MessageState<Time>> {
  const inText = state.metadataJson === undefined ? {} : { metadataJson: null };
  return { ...ERASED, ...inText, deletedAt };
}

/** A deleted message keeps its place, its sender and its times. */
const ERASED = {
  content: "",
  text_content: "",
  replyTo: null,
  attachments: [],
  deletedAttachments: [],
  attachment_url: null,
  attachment_filename: null,
  attachment_mimetype: null,
  mentions: [],
  metadata: null,
  reactions: [],
};

function withReplaced<Time>(
  { history }: MessageState<Time>,
  { replaced }: Extract<MessageChange, { type: "edited" | "deleted" }>,
  time: TimeWriter<Time>,
): MessageState<Time>["history"] {
  if (replaced === undefined) return history;
  const { version, content, at } = replaced;
  return [...history, { version, content, at: time(at) }];
}

function changedConversation<Time>(
  state: ConversationState<Time>,
  event: ConversationChange,
  time: TimeWriter<Time>,
): Partial<ConversationState<Time>> {
  if (event.type === "membership") return changedMembers(state, event, time);
  if (event.type === "dismissed") return { members: [], dismissedAt: time(event.at) };
  const { name = state.name, avatarFileId = state.avatarFileId, ...settings } = event.settings;
  return { name, avatarFileId, settings: { ...state.settings, ...settings } };
}

function changedMembers<Time>(
  { members, banned }: ConversationState<Time>,
  event: Extract<ConversationChange, { type: "membership" }>,
  time: TimeWriter<Time>,
): Partial<ConversationState<Time>> {
  const named = new Map(event.members.map((member) => [member.userId, member]));
  const others = members.filter(({ userId }) => !named.has(userId));
  const unbanned = banned.filter((userId) => !named.has(userId));
  switch (event.action) {
    case "added":
    case "joined":
      return { members: [...others, ...event.members] };
    case "left":
    case "removed":
      return { members: others };
    case "banned":
      return { members: others, banned: [...unbanned, ...named.keys()] };
    case "unbanned":
      return { banned: unbanned };
    case "role":
    case "transferred":
      return { members: members.map((member) => ({ ...member, ...named.get(member.userId) })) };
    case "muted": {
      const mutedUntil = time(event.until ?? 0);
      return {
        members: members.map((member) =>
          named.has(member.userId) ? { ...member, mutedUntil } : member,
        ),
      };
    }
  }
}
