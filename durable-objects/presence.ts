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

  /** Users with a live connection; the first of them by name, and all as a number. */
  online(): { userIds: string[]; count: number } {
    if (this.#gateways.size === 0) {
      const userIds = [...this.#sessions.users().take(LIMITS.namedMembers)];
      return { userIds, count: this.#sessions.userCount };
    }
    const users = new Set([...this.#sessions.users(), ...this.#gateways.users()]);
    return { userIds: [...users].slice(0, LIMITS.namedMembers), count: users.size };
  }

  /** A user's first connection came, or the last one went. In a large conversation nobody is told. */
  tell(userId: string, online: boolean): void {
    this.#changed(userId);
    if (this.#state.members.isLarge) return;
    this.#frame(userId, { type: "presence", userId, online });
  }

  /** A reader lets it expire by himself, so there is no timer here that would keep the object awake. */
  typing(userId: string, active: boolean): void {
    this.#frame(userId, { type: "typing", userId, active });
  }

  #frame(except: string, frame: object): void {
    const text = JSON.stringify(frame);
    for (const end of this.#ends) end.frame({ text, except });
  }
}
