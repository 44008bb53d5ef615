import { eventText, type LogRow } from "../../../core/event-text.ts";
import type { MemberRecord } from "../../../core/conversation.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { callWithin } from "../../../edge/calls/call.ts";
import { conversationSummary } from "../conversation-answers.ts";
import type { ConversationState } from "../conversation-state.ts";
import type { ConversationViews } from "../conversation-views.ts";
import type { ObjectEnv } from "../../../edge/object-env.ts";
import { deliveryOf, pageOfEvents } from "../event-page.ts";
import type { GatewayLinks } from "./gateway-links.ts";
import type { Poke, PokeWithNews } from "../../../edge/rpc/inbox-rpc.ts";
import { errorText, logEvent } from "../../../edge/log.ts";
import type { Presence } from "../presence.ts";
import type { Delivery } from "../../../edge/rpc/gateway-rpc.ts";
import type { SessionRegistry } from "../session-registry.ts";

const POKED_AT_ONCE = 32;
const CALL_TIMEOUT_MS = 5_000;
/** How long the timetable waits for a run: longer than one without trouble takes. */
const RUN_WITHIN_MS = 3_000;
/** A member's Inbox hears of one conversation no more often than this. */
const POKE_EVERY_MS = 1_000;

export interface PokerParts {
  env: ObjectEnv;
  state: ConversationState;
  views: ConversationViews;
  sessions: SessionRegistry;
  gateways: GatewayLinks;
  presence: Presence;
  /** Closes what a member has open here. */
  expel: (userId: string) => void;
  waitUntil: (promise: Promise<unknown>) => void;
}

/**
 * Tells members what their lists show, whole states and at most once a second: their Inboxes, and the Gateways that
 * carry the conversation to them. Whoever follows live wherever he is connected needs no Inbox for it: that is told once
 * that he does, and again when he does not any more. A large conversation tells only whom it mentions. What is not told
 * is asked for: `upkeep` says which. Rules INB-1 and INB-4.
 */
export class InboxPoker {
  readonly #parts: PokerParts;
  /** Whom to tell, and after which seq there is news for them. */
  #dirty = new Map<string, number>();
  /** Everybody has to be told of what came after this seq; a mark alone, since many commits make one round. */
  #everybodyFrom: number | null = null;
  /** Gateways where a member is connected, as the Inbox said when it was told last that the member follows live. */
  readonly #connectedAt = new Map<string, readonly string[]>();
  /** Rises when somebody may be covered no more, so that an answer from before does not count. */
  #uncovers = 0;
  /** Seq and status of the newest message, as members were told; null when that is not known. */
  #toldStatus: string | null = null;
  #stamp = 0;
  #roundAt = 0;
  #running: Promise<void> | null = null;
  /** Nobody was told since the object woke: what a crash left untold is known to nobody. */
  #isFresh = true;

  constructor(parts: PokerParts) {
    this.#parts = parts;
  }

  /** Rows were committed just now. */
  committed(rows: readonly LogRow[]): void {
    const from = (rows[0]?.seq ?? 1) - 1;
    if (!this.#isLarge || this.#hasGrownLarge(rows)) this.#markEverybody(from);
    else for (const userId of mentioned(rows)) this.#mark(userId, from);
    this.#schedule();
  }

  /** Stored receipts of members moved: what they have unread, and perhaps what became of the newest message. */
  read(userIds: readonly string[]): void {
    if (this.#isLarge) return;
    const { head } = this.#parts.state;
    for (const userId of userIds) this.#mark(userId, head);
    if (this.#everybodyFrom === null && this.#hasNewStatus()) this.#markEverybody(head);
    this.#schedule();
  }

  /** Something changed for one member alone: what he hides, his following. */
  touched(userId: string): void {
    this.uncover(userId);
    this.#mark(userId, this.#parts.state.head);
    this.#schedule();
  }

  /** The member is connected at a place that does not hear of the conversation. */
  uncover(userId: string): void {
    this.#connectedAt.delete(userId);
    this.#uncovers++;
  }

  /** For the timetable: true when nobody is left to tell. Members who are slow to answer do not hold its alarm. */
  async run(): Promise<boolean> {
    if (this.#isFresh && !this.#isLarge) this.#markEverybody(this.#parts.state.head);
    this.#schedule();
    if (this.#running !== null) {
      await callWithin(RUN_WITHIN_MS, this.#running).catch(() => undefined); // it goes on, and is looked after again
    }
    return this.isLevel;
  }

  /** Nobody is left to tell, also of what came before the object woke. */
  get isLevel(): boolean {
    return this.#running === null && !this.#isDirty && (this.#isLarge || !this.#isFresh);
  }

  /** The state of one member's list entry as it is now. */
  entry(member: MemberRecord): Poke {
    const { state, views, sessions, presence } = this.#parts;
    const view = views.conversation(member);
    const isLive = presence.isOnline(member.userId);
    this.#stamp = Math.max(this.#stamp + 1, Date.now());
    return {
      conversationId: view.conversationId,
      head: state.head,
      stamp: this.#stamp,
      upkeep: this.#isLarge ? "ask" : isLive ? "live" : "kept",
      present: sessions.hasUser(member.userId),
      type: view.type,
      activityAt: view.lastMessage?.event.at ?? view.createdAt,
      unread: view.me.unread,
      summary: JSON.stringify(conversationSummary(view, member.userId)),
    };
  }

  get #isLarge(): boolean {
    return this.#parts.state.members.isLarge;
  }

  /** Whether the newest message is read or delivered by now, and members were told that it is not. */
  #hasNewStatus(): boolean {
    const { seq, status } = this.#parts.views.newestStatus();
    if (this.#toldStatus === null) return status !== "SENT";
    return this.#toldStatus !== `${seq} ${status}`;
  }

  get #isDirty(): boolean {
    return this.#everybodyFrom !== null || this.#dirty.size > 0;
  }

  /** Those who joined in these rows made it large: from now on everybody has to ask. */
  #hasGrownLarge(rows: readonly LogRow[]): boolean {
    const joined = rows.filter(({ type }) => type === "membership").length;
    const atMost = joined * LIMITS.membersPerEvent;
    const count = this.#parts.state.members.count();
    return joined > 0 && count - atMost <= LIMITS.smallConversation;
  }

  #mark(userId: string, from: number): void {
    this.#dirty.set(userId, Math.min(this.#dirty.get(userId) ?? from, from));
  }

  #markEverybody(from: number): void {
    this.#everybodyFrom = Math.min(this.#everybodyFrom ?? from, from);
  }

  #schedule(): void {
    if (this.#running !== null || !this.#isDirty) return;
    this.#running = this.#rounds().finally(() => {
      this.#running = null;
    });
    this.#parts.waitUntil(this.#running);
  }

  /** Until nobody is left, or somebody could not be told: the timetable comes back to them. */
  async #rounds(): Promise<void> {
    let failed = 0;
    while (this.#everybodyFrom !== null || this.#dirty.size > failed) {
      // never in the turn of a commit, which others wait for
      await scheduler.wait(Math.max(0, this.#roundAt + POKE_EVERY_MS - Date.now()));
      this.#roundAt = Date.now();
      failed = await this.#round();
    }
  }

  /** Answers how many could not be told. */
  async #round(): Promise<number> {
    const dirty = this.#takeDirty();
    const failures: unknown[] = [];
    const newsFrom = new Map<number, Delivery | null>();
    for (let at = 0; at < dirty.length; at += POKED_AT_ONCE) {
      const some = dirty.slice(at, at + POKED_AT_ONCE).map(async ([userId, from]) => {
        try {
          await this.#tell(userId, from, newsFrom);
        } catch (error) {
          this.#mark(userId, from);
          failures.push(error);
        }
      });
      await Promise.all(some);
    }
    this.#logFailures(failures);
    return failures.length;
  }

  /** One line, however many members could not be told. */
  #logFailures({ 0: error, length: members }: readonly unknown[]): void {
    const { founded } = this.#parts.state;
    if (members === 0 || founded === null) return;
    const { conversationId } = founded.charter;
    logEvent("pokes_failed", { conversationId, members, error: errorText(error) });
  }

  #takeDirty(): [userId: string, from: number][] {
    const from = this.#everybodyFrom;
    this.#everybodyFrom = null;
    if (from !== null) {
      this.#isFresh = false;
      const { seq, status } = this.#parts.views.newestStatus();
      this.#toldStatus = `${seq} ${status}`;
      for (const { userId } of this.#parts.state.members.page(LIMITS.members)) {
        this.#mark(userId, from);
      }
    }
    const dirty = [...this.#dirty];
    this.#dirty = new Map();
    return dirty;
  }

  /** `newsFrom` are the news of this round, each read once for all who have to be told of them. */
  async #tell(userId: string, from: number, newsFrom: Map<number, Delivery | null>): Promise<void> {
    const { state, gateways } = this.#parts;
    const member = state.members.find(userId);
    if (member === undefined) return;
    const followedAt = gateways.followedBy(userId);
    const isCovered = this.#isCovered(userId);
    if (isCovered && followedAt.length === 0) return;
    const poke = this.entry(member);
    gateways.tellEntry(userId, poke.summary);
    if (isCovered) return;
    // -1 is before the founding, which is news too
    const { historyFrom } = member;
    const after = historyFrom === 0 ? from : Math.max(from, historyFrom);
    const read = newsFrom.get(after) ?? this.#news(after);
    newsFrom.set(after, read);
    const news = read === null ? null : { ...read, historyFrom };
    await this.#poke(userId, { poke, news, followedAt });
  }

  /** The member follows live, wherever he is connected, and his Inbox knows it. */
  #isCovered(userId: string): boolean {
    const { gateways, presence } = this.#parts;
    const connected = this.#connectedAt.get(userId);
    if (connected === undefined || !presence.isOnline(userId)) return false;
    return connected.every((gateway) => gateways.follows(gateway, userId));
  }

  async #poke(userId: string, poke: PokeWithNews): Promise<void> {
    const { env, gateways, presence, expel } = this.#parts;
    const uncovers = this.#uncovers;
    const call = env.INBOX.getByName(userId).poke(poke);
    const { following, connected, suspended } = await callWithin(CALL_TIMEOUT_MS, call);
    if (suspended) expel(userId);
    for (const gateway of following) {
      const wasOnline = presence.isOnline(userId);
      gateways.follow(gateway, userId, poke.poke.head);
      if (!wasOnline) presence.tell(userId, true);
    }
    const isLive = presence.isOnline(userId);
    if (isLive && uncovers === this.#uncovers) this.#connectedAt.set(userId, connected);
  }

  /** What came after `from`, as far as one page holds it. The founding, seq 0, is no reader's event, but news. */
  #news(from: number): Delivery | null {
    const { state } = this.#parts;
    if (state.founded === null || from >= state.head) return null;
    const after = Math.max(from, 0);
    const { events } = pageOfEvents(state.log.after(after), eventText);
    return deliveryOf(state, events, after + 1);
  }
}

function mentioned(rows: readonly LogRow[]): string[] {
  return rows.flatMap(
    ({ mentions }) => (mentions === null ? [] : (JSON.parse(mentions) as string[])), // written by messageChange alone
  );
}
