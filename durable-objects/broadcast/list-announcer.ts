import type { BroadcastId } from "../../protocol/ids.ts";
import { callWithin } from "../../edge/calls/call.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { ListStore } from "./list-store.ts";

const ANNOUNCED_AT_ONCE = 32;
const CALL_TIMEOUT_MS = 5_000;

/** Tells the Inboxes of owner and admins that a list is theirs, or is not any more. Safe to run twice. */
export class ListAnnouncer {
  readonly #inboxes: ObjectEnv["INBOX"];
  readonly #list: ListStore;
  #running: Promise<boolean> | null = null;

  constructor({ INBOX }: Pick<ObjectEnv, "INBOX">, list: ListStore) {
    this.#inboxes = INBOX;
    this.#list = list;
  }

  /** True when nobody is left to tell; false when a call failed. */
  run(broadcastId: BroadcastId): Promise<boolean> {
    // one at a time: of two calls for one user, the later state must arrive last
    this.#running ??= this.#run(broadcastId).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(broadcastId: BroadcastId): Promise<boolean> {
    for (;;) {
      const round = this.#list.announcements(ANNOUNCED_AT_ONCE);
      if (round.length === 0) return true;
      const calls = round.map(async (announcement) => {
        const inbox = this.#inboxes.getByName(announcement.userId);
        const { listed } = announcement;
        await callWithin(CALL_TIMEOUT_MS, inbox.broadcastListed(broadcastId, listed));
        this.#list.markAnnounced(announcement);
      });
      const failed = (await Promise.allSettled(calls)).find((call) => call.status === "rejected");
      if (failed !== undefined) {
        logEvent("broadcast_announcement_failed", { broadcastId, error: errorText(failed.reason) });
        return false;
      }
    }
  }
}
