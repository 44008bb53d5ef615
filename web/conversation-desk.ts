import type { ConversationSession, ParleyClient, User } from "../client/index.ts";
import type { Blocks } from "./blocks.ts";
import type { Members } from "./members.ts";

/** The conversation that a desk is about, as the page knows it. */
export interface DeskContext {
  client: ParleyClient;
  me: User;
  conversationId: string;
  members: Members;
  blocks: Blocks;
  /** What the gate stands in for. */
  composer: HTMLElement;
  title: () => string;
}

/** What the rest of the page does for a desk. */
export interface DeskListener {
  /** Opens the direct conversation with somebody. */
  talk(userId: string): Promise<void>;
  /** The user is no member any more since the event at `seq`; `isWanted`: by their own doing. */
  gone(seq: number, isWanted: boolean): void;
  problem(error: unknown): void;
}

/** What can be done about a conversation beside writing in it. */
export interface ConversationDesk {
  /** Its button, for the head of the conversation. */
  readonly opener: HTMLElement;
  /** What it shows beside the messages. */
  readonly views: readonly HTMLElement[];
  /** The user is no member any more. */
  readonly isGone: boolean;
  /** The user may delete what others wrote. */
  readonly moderates: boolean;
  /** Follows the session from now on, behind those that follow it already. */
  attach(session: ConversationSession): void;
  stop(): void;
}
