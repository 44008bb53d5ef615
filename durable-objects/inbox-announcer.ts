import type { ConversationId } from "../protocol/ids.ts";
import { callWithin } from "./call.ts";
import type { ObjectEnv } from "./env.ts";
import { errorText, logEvent } from "./log.ts";
import type { MemberStore } from "./member-store.ts";

const ANNOUNCED_AT_ONCE = 32;
const CALL_TIMEOUT_MS = 5_000;

/** Tells the Inboxes of new members that they belong here. Safe to run twice; what fails stays for the next run. */
export class InboxAnnouncer {
  readonly #inboxes: ObjectEnv["INBOX"];
  readonly #members: MemberStore;
  readonly #conversationId: ConversationId;

  constructor(inboxes: ObjectEnv["INBOX"], members: MemberStore, conversationId: ConversationId) {
    this.#inboxes = inboxes;
    this.#members = members;
    this.#conversationId = conversationId;
  }

  /** Announces every member once; stops at the first round in which one failed. True when nobody is left. */
  async run(): Promise<boolean> {
    for (;;) {
      const round = this.#members.unannounced(ANNOUNCED_AT_ONCE);
      if (round.length === 0) return true;
      const calls = round.map(({ userId, joinedAt }) => {
        const joined = this.#inboxes.getByName(userId).joined(this.#conversationId, joinedAt);
        return callWithin(CALL_TIMEOUT_MS, joined).then(() => this.#members.markAnnounced(userId));
      });
      const failed = (await Promise.allSettled(calls)).find((call) => call.status === "rejected");
      if (failed !== undefined) {
        logEvent("inbox_announcement_failed", {
          conversationId: this.#conversationId,
          error: errorText(failed.reason),
        });
        return false;
      }
    }
  }
}
