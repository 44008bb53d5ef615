import { isInvisible, turned, type Visibility } from "../core/visibility.ts";
import type { UserId } from "../protocol/ids.ts";
import { callEach } from "./call-each.ts";
import type { ObjectEnv } from "./env.ts";
import type { InboxMembership } from "./inbox-membership.ts";
import type { InboxSettings } from "./inbox-settings.ts";

/** When conversations that could not be told are tried again. */
const TELL_AGAIN_MS = 30_000;

/** Whether a user is to be seen, told to every conversation of theirs until all of them know. Rule LIV-5. */
export class InboxVisibility {
  readonly #env: ObjectEnv;
  readonly #userId: UserId;
  readonly #settings: InboxSettings;
  readonly #membership: InboxMembership;

  constructor(
    env: ObjectEnv,
    userId: UserId,
    settings: InboxSettings,
    membership: InboxMembership,
  ) {
    this.#env = env;
    this.#userId = userId;
    this.#settings = settings;
    this.#membership = membership;
  }

  get now(): Visibility {
    return this.#settings.get("invisible") ?? 0;
  }

  get isInvisible(): boolean {
    return isInvisible(this.now);
  }

  turn(invisible: boolean): void {
    this.#settings.set("invisible", turned(this.now, invisible));
  }

  /** Every conversation knows. */
  get isKnown(): boolean {
    return this.now === 0 || this.#membership.below(this.now).length === 0;
  }

  /** Tells whoever does not know; when to try again, epoch ms, or null when all of them know. */
  async tell(now: number): Promise<number | null> {
    await callEach(this.#env, this.#membership.below(this.now), async (conversation, id) => {
      const visibility = this.now;
      await conversation.setVisibility(this.#userId, visibility);
      this.#membership.knows(id, visibility);
    });
    return this.isKnown ? null : now + TELL_AGAIN_MS;
  }
}
