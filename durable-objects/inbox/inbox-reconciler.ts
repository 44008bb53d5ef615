import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { callEach } from "./call-each.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import type { Poke } from "../../edge/rpc/inbox-rpc.ts";

/** Asks Conversations for what they would have told. Idempotent, since a state is whole and ordered. Rule INB-3. */
export class InboxReconciler {
  readonly #env: ObjectEnv;
  readonly #userId: UserId;
  readonly #heard: (poke: Poke) => void;
  readonly #gone: (conversationId: ConversationId) => void;

  /** `gone` hears of conversations that do not count the user among their members. */
  constructor(
    env: ObjectEnv,
    userId: UserId,
    heard: (poke: Poke) => void,
    gone: (conversationId: ConversationId) => void,
  ) {
    this.#env = env;
    this.#userId = userId;
    this.#heard = heard;
    this.#gone = gone;
  }

  /** A Conversation that does not answer keeps the entry it has. */
  async ask(ids: readonly ConversationId[]): Promise<void> {
    await callEach(this.#env, ids, async (conversation, id) => {
      const entry = await conversation.entry(this.#userId);
      if (entry.ok) this.#heard(entry.value);
      else this.#gone(id);
    });
  }
}
