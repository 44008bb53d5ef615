import {
  afterAttempt,
  deliveryKey,
  type Attempt,
  type DeliveryState,
} from "../../core/broadcast/delivery.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { directConversationId, type BroadcastId } from "../../protocol/ids.ts";
import { isSuspended, SUSPENDED } from "../../edge/auth/suspensions.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import { foundDirect } from "../../edge/calls/founding.ts";
import { UnavailableError } from "../../edge/calls/object-call.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { Job, JobStore, StoredMessage } from "./job-store.ts";

/** Recipients of one run of the alarm: three calls each stay far below the thousand that the platform lets one run make. */
const GROUP = 50;
/**
 * Recipients at once, and the pause after them. A list is in no hurry: without a pause its calls follow each other so
 * closely that in a local runtime, which has one thread for all objects, nobody else is served until the list is done.
 */
const AT_ONCE = 8;
const PAUSE_MS = 10;

/**
 * Brings messages to their recipients, a bounded group at a time, a few at once. What became of a group is stored in one
 * commit: a write holds back the calls behind it until it is durable. A crash leaves a group pending that may have been
 * done: it is done again, under the same keys, and each conversation answers the first place. Rules BCT-3 to BCT-6.
 */
export class DeliveryPump {
  readonly #env: Env;
  readonly #jobs: JobStore;

  constructor(env: Env, jobs: JobStore) {
    this.#env = env;
    this.#jobs = jobs;
  }

  /** For the timetable: when to come again, or null when everybody has got everything. */
  async run(broadcastId: BroadcastId, now: number): Promise<number | null> {
    const group = this.#jobs.due(now, GROUP);
    const tried: (DeliveryState | undefined)[] = [];
    for (let at = 0; at < group.length; at += AT_ONCE) {
      const few = group.slice(at, at + AT_ONCE);
      tried.push(...(await Promise.all(few.map((job) => this.#try(broadcastId, job)))));
      await scheduler.wait(PAUSE_MS);
    }
    for (const [index, job] of group.entries()) {
      const after = tried[index];
      if (after !== undefined) this.#jobs.settle(job, after);
    }
    this.#jobs.complete(Date.now());
    return this.#jobs.nextDue();
  }

  /** Undefined when the list has been deleted since the group was read. */
  async #try(broadcastId: BroadcastId, job: Job): Promise<DeliveryState | undefined> {
    const message = this.#jobs.message(job.n);
    if (message === undefined) return undefined;
    const attempt = await this.#deliver(broadcastId, job, message).catch((error: unknown) =>
      failedAttempt(broadcastId, error),
    );
    const { attempts } = job;
    const { acceptedAt } = message;
    return afterAttempt({ attempts, acceptedAt }, attempt, Date.now(), Math.random());
  }

  async #deliver(
    broadcastId: BroadcastId,
    { n, recipient }: Job,
    { sender, message }: StoredMessage,
  ): Promise<Attempt> {
    if (await isSuspended(this.#env, sender.userId, Date.now())) {
      return { type: "refused", refusal: SUSPENDED };
    }
    const id = directConversationId(sender.userId, recipient.userId);
    const actor = { userId: sender.userId, authority: "member" as const };
    const sends = [{ clientMessageId: deliveryKey(broadcastId, n), message }] as const;
    const append = () => callConversation(this.#env, id, (stub) => stub.append(actor, { sends }));
    let placed = await append();
    if (!placed.ok && placed.error.code === "NOT_FOUND") {
      // most have talked before: founding is tried only when that is not so
      const founded = await foundDirect(this.#env, sender, recipient);
      placed = founded.ok ? await append() : founded;
    }
    if (!placed.ok) return { type: "refused", refusal: placed.error };
    const [only] = placed.value;
    if (only === undefined) throw new Error("one send has one place");
    return { type: "stored", seq: only.seq };
  }
}

/** Whether it had an effect is unknown; the key makes the next try safe. */
function failedAttempt(broadcastId: BroadcastId, error: unknown): Attempt {
  if (!(error instanceof UnavailableError)) {
    logEvent("broadcast_delivery_failed", { broadcastId, error: errorText(error) });
  }
  return { type: "refused", refusal: refusal("UNAVAILABLE", "the conversation did not answer") };
}
