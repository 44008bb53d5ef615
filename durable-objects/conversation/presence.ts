import { turnsBetween, type Appearance, type Shown, type Turn } from "../../core/visibility.ts";
import type { UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { FanOutEnd } from "./fan-out.ts";
import type { GatewayLinks } from "./followers/gateway-links.ts";
import type { MemberStore } from "./stores/member-store.ts";
import type { TargetedFrame } from "../../edge/rpc/gateway-rpc.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Who is here and who writes: told to the others, never stored. Rules LIV-3 to LIV-6. */
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

  /** Whether the reader is shown that a user is here. */
  seenBy(readerId: string): (userId: string) => boolean {
    const isShown = this.#shownTo(readerId);
    return (userId) => this.isOnline(userId) && isShown(userId);
  }

  /** Users with a live connection, as this reader is shown them; the first by name, and all as a number. */
  online(readerId: string): { userIds: string[]; count: number } {
    const { members, blocks } = this.#state;
    if (this.#gateways.size === 0 && blocks.isEmpty && members.unseen.size === 0) {
      const userIds = [...this.#sessions.users().take(LIMITS.namedMembers)];
      return { userIds, count: this.#sessions.userCount };
    }
    const here = new Set([...this.#sessions.users(), ...this.#gateways.users()]);
    const shown = [...here].filter(this.#shownTo(readerId));
    return { userIds: shown.slice(0, LIMITS.namedMembers), count: shown.length };
  }

  /** A user's first connection came, or the last one went. Of somebody who is not to be seen nobody is told. */
  tell(userId: string, online: boolean): void {
    this.#changed(userId);
    const { isUnseen, hiddenFrom } = this.#shown(userId);
    if (!isUnseen) this.#tellOthers(userId, { online, hiddenFrom });
  }

  /** A connection of this user ended. */
  left(userId: string): void {
    if (!this.isOnline(userId)) this.tell(userId, false);
  }

  /** Of somebody who is no member only a direct conversation may hear: before its founding, or too late. */
  setAppearance(userId: UserId, appearance: Appearance): void {
    if (this.#state.founded !== null && this.#state.members.find(userId) === undefined) return;
    this.#turn(userId, appearance, (members) =>
      members.setVisibility(userId, appearance.visibility),
    );
  }

  /** The user's Inbox knows that he is a member, and has answered who is to see him. */
  announced(userId: UserId, appearance: Appearance): void {
    this.#turn(userId, appearance, (members) =>
      members.markAnnounced(userId, appearance.visibility),
    );
  }

  /** A reader lets it expire by himself, so there is no timer here that would keep the object awake. */
  typing(userId: string, active: boolean): void {
    this.#frame(userId, { type: "typing", userId, active }, { hiddenFrom: this.#apart(userId) });
  }

  /** Only Gateways carry it: no frame of the native protocol says it. */
  visit(userId: string, active: boolean): null {
    if (this.#state.members.unseen.has(userId)) return null;
    if (!active) this.typing(userId, false);
    const frame = { type: "visit", userId, active };
    this.#gateways.frame(targeted(userId, frame, { hiddenFrom: this.#apart(userId) }));
    return null;
  }

  /** Whom this user has blocked, and who has blocked him: neither is to notice what the other one does. */
  #apart(userId: string): ReadonlySet<string> {
    const { blocks } = this.#state;
    return blocks.blockedBy(userId).union(blocks.blockersOf(userId));
  }

  /** Whether the reader would be shown that a user is here. */
  #shownTo(readerId: string): (userId: string) => boolean {
    const { members, blocks } = this.#state;
    const hidden = blocks.blockersOf(readerId);
    return (userId) => userId === readerId || !(members.unseen.has(userId) || hidden.has(userId));
  }

  #shown(userId: string): Shown {
    const { members, blocks } = this.#state;
    return { isUnseen: members.unseen.has(userId), hiddenFrom: blocks.blockedBy(userId) };
  }

  #turn(
    userId: string,
    { visibility, blocked }: Appearance,
    store: (members: MemberStore) => void,
  ): void {
    const { members, blocks } = this.#state;
    const before = this.#shown(userId);
    store(members);
    // of somebody who has never changed who sees him there is nothing to keep
    const isOther = visibility > 0 && blocks.set(userId, visibility, this.#here(blocked));
    if (isOther) this.#changed(userId);
    if (!this.isOnline(userId)) return;
    for (const turn of turnsBetween(before, this.#shown(userId))) this.#tellOthers(userId, turn);
  }

  /** A direct conversation keeps its two members, so that all others are none of its business. */
  #here(blocked: readonly string[]): readonly string[] {
    const { founded, members } = this.#state;
    if (founded?.charter.type !== "direct") return blocked;
    return blocked.filter((userId) => members.find(userId) !== undefined);
  }

  /** In a large conversation nobody is told. */
  #tellOthers(userId: string, { online, ...to }: Turn): void {
    if (!this.#state.members.isLarge) this.#frame(userId, { type: "presence", userId, online }, to);
  }

  #frame(except: string, frame: object, to: Omit<Turn, "online">): void {
    const sent = targeted(except, frame, to);
    for (const end of this.#ends) end.frame(sent);
  }
}

function targeted(
  except: string,
  frame: object,
  { only, hiddenFrom }: Omit<Turn, "online">,
): TargetedFrame {
  const text = JSON.stringify(frame);
  if (only !== undefined) return { text, only };
  if (hiddenFrom === undefined || hiddenFrom.size === 0) return { text, except };
  return { text, except, hiddenFrom: [...hiddenFrom] };
}
