import type { Actor, Change, OtherChange } from "../../core/changes/change.ts";
import type { PendingAppend } from "../../core/sequencer.ts";

let keys = 0;

export function asMember(userId: string): Actor {
  return { userId, authority: "member" };
}

/** A change under a key that no other has. */
export function pending(actor: Actor, change: Change, ifLastSeq?: number): PendingAppend {
  return { actor, changes: [{ clientMessageId: `key-${++keys}`, change }], ifLastSeq };
}

export function textChange(content: string, mentions: readonly string[] = []): Change {
  const body = JSON.stringify({ type: "TEXT", content });
  return {
    type: "message",
    body,
    mentions: mentions.length === 0 ? null : JSON.stringify(mentions),
  };
}

export function said(userId: string, content: string): PendingAppend {
  return pending(asMember(userId), textChange(content));
}

export function wanted(userId: string, change: OtherChange): PendingAppend {
  return pending(asMember(userId), change);
}
