import type { ConversationId } from "../../protocol/ids.ts";
import { callConversation, conversationStub } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import type { ConversationCallee } from "../../edge/object-env.ts";

/** Stubs that are kept; the one unused for longest goes first. */
const KEPT = 2_048;

/**
 * Calls conversations, those of one conversation by one stub: what a client sends one after the other arrives in that
 * order. A call that is made again goes by a new stub, since the old one may be broken for good.
 */
export class ConversationCalls {
  readonly #env: Env;
  readonly #stubs = new Map<ConversationId, ConversationCallee>();

  constructor(env: Env) {
    this.#env = env;
  }

  /** Throws an `UnavailableError` when no object answers. */
  call<T>(
    id: ConversationId,
    call: (conversation: ConversationCallee) => Promise<T>,
  ): Promise<Awaited<T>> {
    let attempts = 0;
    return callConversation(this.#env, id, call, () => this.#stub(id, attempts++ > 0));
  }

  #stub(id: ConversationId, fresh: boolean): ConversationCallee {
    const stub = (fresh ? undefined : this.#stubs.get(id)) ?? conversationStub(this.#env, id);
    this.#stubs.delete(id);
    this.#stubs.set(id, stub);
    const [oldest] = this.#stubs.keys();
    if (this.#stubs.size > KEPT && oldest !== undefined) this.#stubs.delete(oldest);
    return stub;
  }
}
