import { LIMITS } from "../protocol/limits.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { FanOutEnd } from "./fan-out.ts";
import type { GatewayLinks } from "./gateway-links.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Who is here and who writes: told to the others, never stored. Rules LIV-3 and LIV-4. */
export class Presence {
  readonly #state: ConversationState;
  readonly #sessions: SessionRegistry;
  readonly #gateways: GatewayLinks;
  readonly #ends: readonly FanOutEnd[];
  readonly #changed: (userId: string) => void;

  constructor(
    state: ConversationState,
    sessions: SessionRegistry,
    gateways: GatewayLinks,
    ends: readonly FanOutEnd[],
    changed: (userId: string) => void,
  ) {
    this.#state = state;
    this.#sessions = sessions;
    this.#gateways = gateways;
    this.#ends = ends;
    this.#changed = changed;
  }

  isOnline(userId: string): boolean {
    return this.#sessions.hasUser(userId) || this.#gateways.hasUser(userId);
  }

  /** Whether this reader is shown that the user is here. */
  isSeen(readerId: string, userId: string): boolean {
    return this.isOnline(userId) && this.#isShown(readerId, userId);
  }

  /** Users with a live connection, as this reader is shown them; the first by name, and all as a number. */
  online(readerId: string): { userIds: string[]; count: number } {
    if (this.#gateways.size === 0 && !this.#isDirect) {
      const userIds = [...this.#sessions.users().take(LIMITS.namedMembers)];
      return { userIds, count: this.#sessions.userCount };
    }
    const here = new Set([...this.#sessions.users(), ...this.#gateways.users()]);
    const shown = [...here].filter((userId) => this.#isShown(readerId, userId));
    return { userIds: shown.slice(0, LIMITS.namedMembers), count: shown.length };
  }

  /**
   * A user's first connection came, or the last one went. In a large conversation nobody is told, nor whom the user has
   * blocked.
   */
  tell(userId: string, online: boolean): void {
    this.#changed(userId);
    if (this.#state.members.isLarge || this.#isUnseen(userId)) return;
    this.#frame(userId, { type: "presence", userId, online });
  }

  /** A reader lets it expire by himself, so there is no timer here that would keep the object awake. */
  typing(userId: string, active: boolean): void {
    if (this.#isUnheard(userId)) return;
    this.#frame(userId, { type: "typing", userId, active });
  }

  /** Only Gateways carry it: no frame of the native protocol says it. */
  visit(userId: string, active: boolean): null {
    if (this.#isUnheard(userId)) return null;
    const text = JSON.stringify({ type: "visit", userId, active });
    this.#gateways.frame({ text, except: userId });
    return null;
  }

  /** Blocks are known to direct conversations alone. */
  get #isDirect(): boolean {
    return this.#state.founded?.charter.type === "direct";
  }

  /** The other one of a direct conversation does not want to hear of this user. */
  #isUnheard(userId: string): boolean {
    return this.#isDirect && this.#state.members.isBlockedByAnybody(userId);
  }

  #isShown(readerId: string, userId: string): boolean {
    return readerId === userId || !this.#isUnseen(userId);
  }

  /** This user does not want the other one of a direct conversation to know that he is here. */
  #isUnseen(userId: string): boolean {
    return this.#isDirect && this.#state.members.hasBlockedAnybody(userId);
  }

  #frame(except: string, frame: object): void {
    const text = JSON.stringify(frame);
    for (const end of this.#ends) end.frame({ text, except });
  }
}
