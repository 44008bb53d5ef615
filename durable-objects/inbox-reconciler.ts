import type { ConversationId, UserId } from "../protocol/ids.ts";
import { callWithin } from "./call.ts";
import type { ObjectEnv } from "./env.ts";
import type { Poke } from "./inbox-rpc.ts";
import { errorText, logEvent } from "./log.ts";

const ASKED_AT_ONCE = 32;
const CALL_TIMEOUT_MS = 3_000;

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
    for (let from = 0; from < ids.length; from += ASKED_AT_ONCE) {
      await Promise.all(ids.slice(from, from + ASKED_AT_ONCE).map((id) => this.#askOne(id)));
    }
  }

  async #askOne(id: ConversationId): Promise<void> {
    try {
      const conversation = this.#env.CONVERSATION.getByName(id);
      const entry = await callWithin(CALL_TIMEOUT_MS, conversation.entry(this.#userId));
      if (entry.ok) this.#heard(entry.value);
      else this.#gone(id);
    } catch (error) {
      logEvent("entry_not_told", { conversationId: id, error: errorText(error) });
    }
  }
}
