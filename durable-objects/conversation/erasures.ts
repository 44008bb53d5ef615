import type { Actor } from "../../core/changes/change.ts";
import { mayErase } from "../../core/changes/erasure.ts";
import { NO_SUCH_CONVERSATION } from "../../core/changes/write-rules.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { Erasure } from "./stores/moderation-store.ts";
import type { ErasureOutcome } from "../../edge/rpc/conversation-rpc.ts";
import type { Sending } from "./sending.ts";
import type { Timetable } from "../storage/timetable.ts";

/** Turns of one call or alarm: 10,000 messages. What is left after them has a turn of the alarm of its own. */
const TURNS = 20;
/** Rows of the log that one turn looks at. */
const ROWS_PER_TURN = 10_000;
/** When the timetable looks again, should the call end in a crash. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Takes away everything that one user has written, in turns of a bounded size. What it reaches is decided in one write,
 * at once; each turn is one event with its tombstones, in one transaction; and the timetable comes back until the last
 * one is done. A turn that is made twice finds nothing to erase. Rule CHG-7.
 */
export class Erasures {
  readonly #state: ConversationState;
  readonly #sending: Sending;
  readonly #plans: () => Pick<Timetable<"erase">, "within" | "done">;

  constructor(
    state: ConversationState,
    sending: Sending,
    plans: () => Pick<Timetable<"erase">, "within" | "done">,
  ) {
    this.#state = state;
    this.#sending = sending;
    this.#plans = plans;
  }

  /** Everything that `userId` has written up to now. */
  async begin(actor: Actor, userId: string): Promise<Result<ErasureOutcome, Refusal>> {
    if (this.#state.founded === null) return fail(NO_SUCH_CONVERSATION);
    this.#sending.settle();
    const refused = mayErase(this.#state.rules, actor, userId);
    if (refused !== null) return fail(refused);
    const before = this.#state.head + 1;
    this.#state.moderation.planErasure({ userId, actorId: actor.userId, before });
    this.#plans().within("erase", Date.now() + LOOK_AGAIN_MS);
    const outcome = await this.#work();
    if (outcome.done) this.#plans().done("erase");
    else this.#plans().within("erase", Date.now());
    return ok(outcome);
  }

  /** For the timetable. */
  async run(now: number): Promise<number | null> {
    const { done } = await this.#work();
    return done ? null : now;
  }

  async #work(): Promise<ErasureOutcome> {
    let erased = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      const erasure = this.#state.moderation.nextErasure();
      if (erasure === undefined) return { erased, done: true };
      erased += await this.#turn(erasure);
      // whoever writes here meanwhile waits for one turn, not for all of them
      await scheduler.wait(0);
    }
    return { erased, done: this.#state.moderation.nextErasure() === undefined };
  }

  /** Answers how many messages it has erased. */
  async #turn(erasure: Erasure): Promise<number> {
    const { userId, actorId, before } = erasure;
    const from = Math.max(before - ROWS_PER_TURN, 1);
    const targets = this.#state.log.writtenBy(userId, { from, before }, LIMITS.erasedPerEvent);
    const isWhole = targets.length < LIMITS.erasedPerEvent;
    let erased = 0;
    if (targets.length > 0) {
      // who might begin it may end it, whatever has become of his role since
      const actor: Actor = { userId: actorId, authority: "moderation" };
      const change = { type: "erase" as const, userId, targets };
      const placed = await this.#sending.change(actor, crypto.randomUUID(), change);
      if (!placed.ok) return this.#refused(erasure, placed.error);
      if (!placed.value.repeated) erased = targets.length;
    }
    this.#state.moderation.advanceErasure(erasure, isWhole ? from : Math.min(...targets));
    return erased;
  }

  /** A group that was dismissed meanwhile takes nothing more; after anything else the timetable tries again. */
  #refused(erasure: Erasure, { code }: Refusal): number {
    if (code !== "NOT_FOUND") throw new Error(`a turn of an erasure was refused: ${code}`);
    this.#state.moderation.advanceErasure(erasure, 0);
    return 0;
  }
}
