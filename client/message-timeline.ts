import type { MessageEvent, ReaderEvent, SystemEvent } from "../protocol/event.ts";

/** A message as it stands now, with who reacted how. */
export interface TimelineMessage extends MessageEvent {
  version: number;
  reactions: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What a reader sees at one place of the conversation: a message, or what the server says of it. */
export type TimelineEntry = TimelineMessage | SystemEvent;

/**
 * Folds events into what a reader sees: edits and deletions change the message they name, reactions gather under it.
 * Feed it every event of a session, in order, from any cursor on; what it has not seen it does not invent. Applying an
 * event again changes nothing, so a reader may also feed it pages of history.
 */
export class MessageTimeline {
  readonly #entries = new Map<number, TimelineEntry>();

  /** Applies events and answers which places look different now. */
  apply(events: readonly ReaderEvent[]): Set<number> {
    const changed = new Set<number>();
    for (const event of events) {
      for (const seq of this.#applyOne(event)) changed.add(seq);
    }
    return changed;
  }

  at(seq: number): TimelineEntry | undefined {
    return this.#entries.get(seq);
  }

  /** Everything there is to see, in the order of the conversation. */
  entries(): TimelineEntry[] {
    return [...this.#entries.values()].toSorted((one, other) => one.seq - other.seq);
  }

  /** Out of this reader's own sight. */
  hide(seq: number): boolean {
    return this.#entries.delete(seq);
  }

  clear(): void {
    this.#entries.clear();
  }

  #applyOne(event: ReaderEvent): number[] {
    switch (event.type) {
      case "message":
        return this.#put(event);
      case "membership":
      case "settings":
      case "dismissed":
        this.#entries.set(event.seq, event);
        return [event.seq];
      case "edited":
        return this.#change(event.target, (message) => {
          if (message.deletedAt !== undefined || message.version >= event.version) return null;
          const { version, content, at: editedAt } = event;
          return { ...message, version, editedAt, message: { ...message.message, content } };
        });
      case "deleted":
        return this.#change(event.target, (message) => erased(message, event.at));
      case "erased":
        return event.targets.flatMap((target) =>
          this.#change(target, (message) => erased(message, event.at)),
        );
      case "flagged":
        return this.#change(event.target, (message) => withFlag(message, event.isSpam));
      case "reaction":
        return this.#change(event.target, (message) => withReaction(message, event));
      case "fileDeleted":
        return event.targets.flatMap((target) =>
          this.#change(target, (message) => withoutAttachment(message, event.fileId)),
        );
      case "fileUploaded":
        return [];
      case "hidden":
        return this.hide(event.seq) ? [event.seq] : [];
    }
  }

  /** A message may come again, from history, with less or more of what happened to it since. */
  #put(event: MessageEvent): number[] {
    const known = this.#entries.get(event.seq);
    const version = event.version ?? 1;
    if (known?.type === "message") {
      const isOlder = version < known.version || known.deletedAt !== undefined;
      if (isOlder || (version === known.version && event.deletedAt === undefined)) return [];
    }
    const isKnown = known?.type === "message" && event.deletedAt === undefined;
    const reactions = isKnown ? known.reactions : new Map<string, Set<string>>();
    this.#entries.set(event.seq, { ...event, version, reactions });
    return [event.seq];
  }

  #change(target: number, change: (message: TimelineMessage) => TimelineMessage | null): number[] {
    const message = this.#entries.get(target);
    const changed = message?.type === "message" ? change(message) : null;
    if (changed === null) return [];
    this.#entries.set(target, changed);
    return [target];
  }
}

function withoutAttachment(message: TimelineMessage, fileId: string): TimelineMessage | null {
  const { deletedAttachments = [], ...body } = message.message;
  if (message.deletedAt !== undefined || deletedAttachments.includes(fileId)) return null;
  return {
    ...message,
    message: { ...body, deletedAttachments: [...deletedAttachments, fileId] },
  };
}

function erased(message: TimelineMessage, deletedAt: number): TimelineMessage | null {
  if (message.deletedAt !== undefined) return null;
  const { type } = message.message;
  return { ...message, deletedAt, message: { type, content: "" }, reactions: new Map() };
}

function withFlag(message: TimelineMessage, isSpam: boolean): TimelineMessage | null {
  if ((message.isSpam ?? false) === isSpam) return null;
  const { isSpam: _before, ...unflagged } = message;
  return isSpam ? { ...unflagged, isSpam } : unflagged;
}

function withReaction(
  message: TimelineMessage,
  { senderId, emoji, active }: { senderId: string; emoji: string; active: boolean },
): TimelineMessage | null {
  const users = message.reactions.get(emoji) ?? new Set<string>();
  if (message.deletedAt !== undefined || users.has(senderId) === active) return null;
  const reactions = new Map(message.reactions);
  const others = new Set([...users].filter((userId) => userId !== senderId));
  if (active) others.add(senderId);
  if (others.size === 0) reactions.delete(emoji);
  else reactions.set(emoji, others);
  return { ...message, reactions };
}
