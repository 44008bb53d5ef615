import { NO_SUCH_MESSAGE } from "../../core/changes/write-rules.ts";
import type { MemberRecord } from "../../core/conversation.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { ConversationViews } from "./conversation-views.ts";
import type { LogFollowers } from "./followers/log-followers.ts";
import type { Sending } from "./sending.ts";

/** Messages that a member takes out of his own sight. It is no event: only his other devices and his list hear of it. */
export class OwnSight {
  readonly #state: ConversationState;
  readonly #views: ConversationViews;
  readonly #sending: Sending;
  readonly #followers: LogFollowers;

  constructor(
    state: ConversationState,
    views: ConversationViews,
    sending: Sending,
    followers: LogFollowers,
  ) {
    this.#state = state;
    this.#views = views;
    this.#sending = sending;
    this.#followers = followers;
  }

  hide(member: MemberRecord, seq: number): Refusal | null {
    if (this.#views.visible(member, seq) === undefined) return NO_SUCH_MESSAGE;
    this.#state.messages.hide(member.userId, seq);
    this.#followers.touched(member.userId);
    this.#sending.tell({ text: `{"type":"hidden","target":${seq}}`, only: member.userId });
    return null;
  }
}
