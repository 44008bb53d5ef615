import type { Charter } from "../core/conversation.ts";
import { eventText } from "../core/event-text.ts";
import { nextOutboxAlarm, shardOf } from "../core/outbox.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { OutboxConversation } from "../protocol/outbox-frames.ts";
import { callWithin } from "./call.ts";
import type { ConversationState } from "./conversation-state.ts";
import { pageOfEvents } from "./event-page.ts";
import type { ObjectEnv } from "./env.ts";
import { errorText, logEvent } from "./log.ts";

/** Longer than a bridge needs for its slowest group; a batch that takes longer is published again. */
const PUBLISH_TIMEOUT_MS = 60_000;
const ACKED_KEY = "acked_seq";
/** Before the founding event, seq 0, has been acked. */
const NOTHING_ACKED = -1;

/**
 * Brings the log to the bridge: the log is the outbox, `acked` is how far the bridge has it. One batch at a time, so
 * order holds. `acked` lives in memory and is stored by the alarm: a crash repeats batches, it never skips one.
 */
export class OutboxPublisher {
  readonly #env: ObjectEnv;
  readonly #state: ConversationState;
  readonly #conversation: OutboxConversation;
  #acked: number;
  #failures = 0;
  #publishing = false;
  /** The shard has no room and will call back; until then commits need not ask it again. */
  #deferred = false;
  /** The shard called back since the present batch left, so a refusal of that batch is out of date. */
  #calledBack = false;

  constructor(env: ObjectEnv, state: ConversationState, charter: Charter) {
    this.#env = env;
    this.#state = state;
    this.#conversation = { conversationId: charter.conversationId, type: charter.type };
    this.#acked = state.meta.number(ACKED_KEY, NOTHING_ACKED);
  }

  /** Publishes what the bridge does not have, in the background. Failures stay with the alarm. */
  kick(): void {
    if (this.#publishing || this.#deferred) return;
    void this.#publishAll(); // rejects only when the object is broken, and the alarm comes again
  }

  /** The shard called back. */
  resume(): void {
    this.#deferred = false;
    this.#calledBack = true;
    this.kick();
  }

  /** When the alarm should look again, in epoch ms; null when the bridge has everything. */
  due(now: number): number | null {
    return nextOutboxAlarm(
      { head: this.#state.head, acked: this.#acked, failures: this.#failures },
      now,
    );
  }

  /** For the alarm: tries again, stores how far the bridge is, and answers when to look again. */
  lookAfter(now: number): number | null {
    this.resume();
    this.#state.meta.set(ACKED_KEY, this.#acked);
    return this.due(now);
  }

  /** `#publishing` ends in the turn that finds nothing left: a kick after it starts anew, none falls in between. */
  async #publishAll(): Promise<void> {
    this.#publishing = true;
    try {
      let isGoing = true;
      while (isGoing && this.#acked < this.#state.head) {
        this.#calledBack = false;
        const isAcked = await this.#publishBatch();
        this.#failures = isAcked ? 0 : this.#failures + 1;
        isGoing = isAcked || this.#calledBack;
      }
    } finally {
      this.#publishing = false;
    }
  }

  async #publishBatch(): Promise<boolean> {
    const rows = this.#state.log.after(this.#acked, LIMITS.pageEvents);
    const { events } = pageOfEvents(rows, eventText);
    const count = events.length;
    const lastSeq = this.#acked + count;
    const shard = shardOf(this.#conversation.conversationId, Number(this.#env.OUTBOX_SHARDS));
    try {
      const call = this.#env.OUTBOX.getByName(String(shard)).publish({
        conversation: this.#conversation,
        eventsText: `[${events.join(",")}]`,
        count,
        lastSeq,
      });
      const outcome = await callWithin(PUBLISH_TIMEOUT_MS, call);
      if (outcome.state === "deferred") {
        this.#deferred = !this.#calledBack;
        return false;
      }
      this.#acked = Math.max(this.#acked, outcome.seq);
      return outcome.seq >= lastSeq;
    } catch (error) {
      logEvent("publish_failed", {
        conversationId: this.#conversation.conversationId,
        seq: lastSeq,
        error: errorText(error),
      });
      return false;
    }
  }
}
