import type { ConversationId } from "../../protocol/ids.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { Result } from "../../protocol/result.ts";
import { GroupCommit } from "../group-commit.ts";
import type { Append, Appended } from "../../edge/rpc/conversation-rpc.ts";

type Outcome = Result<Appended[], Refusal>;

/** One call; answers an outcome for each append, in their order. */
type AppendAll = (id: ConversationId, appends: readonly Append[]) => Promise<Outcome[]>;

interface Waiting {
  append: Append;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/** Those to one conversation; `pending` have no outcome yet. */
interface Sends {
  group: GroupCommit<Waiting>;
  pending: number;
}

/** Conversations of which is remembered whether they are busy; the one unused for longest is forgotten first. */
const KEPT = 2_048;

/** Turns of a millisecond that a gathering may take while each brings more. */
const TURNS = 4;

/** Appends of one call. One holds a client's frame of 256 KiB at most, and the platform takes 32 MiB in a call. */
const FULL = 120;

/**
 * Sends of a Gateway's connections, in as few calls as they need: one that comes alone leaves at once, those that keep
 * company share a call, in the order they came. Each has an outcome of its own.
 */
export class GatheredSends {
  readonly #appendAll: AppendAll;
  readonly #sends = new Map<ConversationId, Sends>();

  constructor(appendAll: AppendAll) {
    this.#appendAll = appendAll;
  }

  /** Throws what the call throws. */
  async append(id: ConversationId, append: Append): Promise<Outcome> {
    const sends = this.#sendsTo(id);
    sends.pending++;
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    try {
      const gathered = sends.group.add({ append, resolve, reject });
      sends.group.endOfText();
      const [outcome] = await Promise.all([promise, gathered]);
      return outcome;
    } finally {
      sends.pending--;
    }
  }

  /** What has been gathered for a conversation leaves now, so that another call made right after comes behind it. */
  settle(id: ConversationId): void {
    this.#sends.get(id)?.group.settle();
  }

  #sendsTo(id: ConversationId): Sends {
    const sends = this.#sends.get(id) ?? this.#newSends(id);
    this.#sends.delete(id);
    this.#sends.set(id, sends);
    const [oldest] = this.#sends;
    if (this.#sends.size > KEPT && oldest?.[1].pending === 0) this.#sends.delete(oldest[0]);
    return sends;
  }

  #newSends(id: ConversationId): Sends {
    // #send never rejects
    const commit = (waiting: readonly Waiting[]) => void this.#send(id, waiting);
    return { group: new GroupCommit<Waiting>(() => FULL, commit, TURNS), pending: 0 };
  }

  async #send(id: ConversationId, waiting: readonly Waiting[]): Promise<void> {
    try {
      const appends = waiting.map(({ append }) => append);
      const outcomes = await this.#appendAll(id, appends);
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new Error("one append has one outcome"));
        else resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
