import type { Visibility } from "../core/visibility.ts";
import type { UserId } from "../protocol/ids.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { FanOutEnd } from "./fan-out.ts";
import type { GatewayLinks } from "./gateway-links.ts";
import type { MemberStore } from "./member-store.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Who is here and who writes: told to the others, never stored. Rules LIV-3 to LIV-5. */
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
    const isEverybodySeen = !this.#isDirect && this.#state.members.unseen.size === 0;
    if (this.#gateways.size === 0 && isEverybodySeen) {
      const userIds = [...this.#sessions.users().take(LIMITS.namedMembers)];
      return { userIds, count: this.#sessions.userCount };
    }
    const here = new Set([...this.#sessions.users(), ...this.#gateways.users()]);
    const shown = [...here].filter((userId) => this.#isShown(readerId, userId));
    return { userIds: shown.slice(0, LIMITS.namedMembers), count: shown.length };
  }

  /** A user's first connection came, or the last one went. Of somebody who is not to be seen nobody is told. */
  tell(userId: string, online: boolean): void {
    this.#changed(userId);
    if (!this.#isUnseen(userId)) this.#tellOthers(userId, online);
  }

  /** A connection of this user ended. */
  left(userId: string): void {
    if (!this.isOnline(userId)) this.tell(userId, false);
  }

  setVisibility(userId: UserId, visibility: Visibility): void {
    this.#turn(userId, (members) => members.setVisibility(userId, visibility));
  }

  /** The user's Inbox knows that he is a member, and has answered whether he is to be seen. */
  announced(userId: UserId, visibility: Visibility): void {
    this.#turn(userId, (members) => members.markAnnounced(userId, visibility));
  }

  /** A reader lets it expire by himself, so there is no timer here that would keep the object awake. */
  typing(userId: string, active: boolean): void {
    if (this.#isUnheard(userId)) return;
    this.#frame(userId, { type: "typing", userId, active });
  }

  /** Only Gateways carry it: no frame of the native protocol says it. */
  visit(userId: string, active: boolean): null {
    if (this.#isUnheard(userId) || this.#isUnseen(userId)) return null;
    if (!active) this.typing(userId, false);
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

  /** This user does not want the others to know that he is here, or may not want it. */
  #isUnseen(userId: string): boolean {
    const { members } = this.#state;
    return members.unseen.has(userId) || (this.#isDirect && members.hasBlockedAnybody(userId));
  }

  /** To the others, who is not seen any more has gone, and who is seen has come. */
  #turn(userId: string, store: (members: MemberStore) => void): void {
    const wasUnseen = this.#isUnseen(userId);
    store(this.#state.members);
    const isUnseen = this.#isUnseen(userId);
    if (wasUnseen !== isUnseen && this.isOnline(userId)) this.#tellOthers(userId, !isUnseen);
  }

  /** In a large conversation nobody is told. */
  #tellOthers(userId: string, online: boolean): void {
    if (!this.#state.members.isLarge) this.#frame(userId, { type: "presence", userId, online });
  }

  #frame(except: string, frame: object): void {
    const text = JSON.stringify(frame);
    for (const end of this.#ends) end.frame({ text, except });
  }
}
