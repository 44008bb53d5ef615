import type { Member, Role } from "../../protocol/member.ts";
import type { SettingsChange } from "../../protocol/settings.ts";
import type { StoredContent } from "../files/file-record.ts";

/** A message on its way into the log. `body` is its JSON, so that it is written once and read often. */
export interface MessageChange {
  type: "message";
  body: string;
  /** JSON array of the ids it mentions, as in `body`; null when it mentions nobody. */
  mentions: string | null;
}

/** What somebody wants of a conversation beside sending. `at` marks come from the server. */
export type OtherChange =
  | { type: "edit"; target: number; content: string }
  | { type: "delete"; target: number }
  | { type: "react"; target: number; emoji: string; active: boolean }
  /** It takes `flagAt` reports to flag a message: the deployment says so, not the reporter. */
  | { type: "report"; target: number; reason: string | null; flagAt: number }
  | { type: "judge"; target: number; isSpam: boolean }
  /** Messages of one user, at most `erasedPerEvent`; those that are gone already are passed over. */
  | { type: "erase"; userId: string; targets: readonly number[] }
  | { type: "addMembers"; people: readonly Pick<Member, "userId" | "name">[] }
  | { type: "removeMember"; userId: string }
  | { type: "ban"; userId: string; active: boolean }
  | { type: "mute"; userId: string; until: number }
  | { type: "setRole"; userId: string; role: Role }
  | { type: "transfer"; userId: string }
  /** `secret`: of the invitation that stands behind it; null where none is needed. */
  | { type: "join"; name: string; secret: string | null }
  /** Makes somebody who has asked a member. */
  | { type: "admit"; userId: string }
  | { type: "leave" }
  | { type: "dismiss" }
  | { type: "configure"; change: SettingsChange }
  | { type: "storeFile"; n: number; content: StoredContent }
  | { type: "deleteFile"; n: number };

export type Change = MessageChange | OtherChange;

/**
 * Who wants it. A `member` is held to the rules of the conversation; `moderation` is the deployment's own staff and
 * services, who may take away and close but are no members; `system` speaks for the deployment.
 */
export interface Actor {
  userId: string;
  authority: "member" | "moderation" | "system";
  /** The trace that this is part of. Rule TRC-1. */
  traceparent?: string | undefined;
}
