import {
  isInvisible,
  renewed,
  turned,
  type Appearance,
  type Visibility,
} from "../../core/visibility.ts";
import { directConversationId, type UserId } from "../../protocol/ids.ts";
import { callEach } from "./call-each.ts";
import { callWithin } from "../../edge/calls/call.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import type { InboxMembership } from "./inbox-membership.ts";
import type { InboxSettings } from "./inbox-settings.ts";

const CALL_TIMEOUT_MS = 5_000;
/** When conversations that could not be told are tried again. */
const TELL_AGAIN_MS = 30_000;

/** Who is to see a user, told to every conversation of theirs until all of them know. Rules LIV-5 and LIV-6. */
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

  get appearance(): Appearance {
    const blocked = this.#settings.blocked().map(({ userId }) => userId);
    return { visibility: this.now, blocked };
  }

  /** Whom the user has blocked is different now. */
  renew(): void {
    this.#settings.set("invisible", renewed(this.now));
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
      const { appearance } = this;
      await conversation.setAppearance(this.#userId, appearance);
      this.#membership.knows(id, appearance.visibility);
    });
    return this.isKnown ? null : now + TELL_AGAIN_MS;
  }

  /** Tells the direct conversation with somebody, also before it is founded: the first message may be refused already. */
  async tellDirect(otherId: UserId): Promise<void> {
    const { now: visibility } = this;
    if (visibility === 0) return;
    const id = directConversationId(this.#userId, otherId);
    const blocked = this.#settings.hasBlocked(otherId) ? [otherId] : [];
    const conversation = this.#env.CONVERSATION.getByName(id);
    const told = conversation.setAppearance(this.#userId, { visibility, blocked });
    await callWithin(CALL_TIMEOUT_MS, told);
    this.#membership.knows(id, visibility);
  }
}
