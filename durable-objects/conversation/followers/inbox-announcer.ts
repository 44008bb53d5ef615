import type { Appearance } from "../../../core/visibility.ts";
import type { ConversationId, UserId } from "../../../protocol/ids.ts";
import { callWithin } from "../../../edge/calls/call.ts";
import type { ObjectEnv } from "../../../edge/object-env.ts";
import { errorText, logEvent } from "../../../edge/log.ts";
import type { MemberStore } from "../stores/member-store.ts";

const ANNOUNCED_AT_ONCE = 32;
const CALL_TIMEOUT_MS = 5_000;

/** Tells the Inboxes who came and who went. Safe to run twice; what fails stays for the next run. */
export class InboxAnnouncer {
  readonly #inboxes: ObjectEnv["INBOX"];
  readonly #members: MemberStore;
  readonly #conversationId: ConversationId;
  readonly #announced: (userId: UserId, appearance: Appearance) => void;
  #running: Promise<boolean> | null = null;

  /** `announced` hears of members whose Inbox knows from now on. */
  constructor(
    inboxes: ObjectEnv["INBOX"],
    members: MemberStore,
    conversationId: ConversationId,
    announced: (userId: UserId, appearance: Appearance) => void,
  ) {
    this.#inboxes = inboxes;
    this.#members = members;
    this.#conversationId = conversationId;
    this.#announced = announced;
  }

  /** Tells everybody once; stops at the first round in which a call failed. True when nobody is left to tell. */
  run(): Promise<boolean> {
    // one at a time: of two calls for one member, the later state must arrive last
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<boolean> {
    for (;;) {
      const calls = [
        ...this.#members.unannounced(ANNOUNCED_AT_ONCE).map((member) => this.#joined(member)),
        ...this.#members.departed(ANNOUNCED_AT_ONCE).map((userId) => this.#left(userId)),
      ];
      if (calls.length === 0) return true;
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

  async #joined({ userId, joinedAt }: { userId: UserId; joinedAt: number }): Promise<void> {
    const inbox = this.#inboxes.getByName(userId);
    const call = inbox.joined(this.#conversationId, joinedAt);
    const appearance = await callWithin(CALL_TIMEOUT_MS, call);
    this.#announced(userId, appearance);
  }

  async #left(userId: UserId): Promise<void> {
    const inbox = this.#inboxes.getByName(userId);
    await callWithin(CALL_TIMEOUT_MS, inbox.left(this.#conversationId));
    // who came back meanwhile is told of by the next round
    this.#members.forgetDeparted(userId);
  }
}
