import { eventText, type LogRow } from "../core/event-text.ts";
import type { MemberRecord } from "../core/conversation.ts";
import { LIMITS } from "../protocol/limits.ts";
import { callWithin } from "./call.ts";
import { conversationSummary } from "./conversation-answers.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { ConversationViews } from "./conversation-views.ts";
import type { ObjectEnv } from "./env.ts";
import { pageOfEvents } from "./event-page.ts";
import type { GatewayLinks } from "./gateway-links.ts";
import type { Poke } from "./inbox-rpc.ts";
import { errorText, logEvent } from "./log.ts";
import type { Presence } from "./presence.ts";
import type { Delivery } from "./rpc.ts";
import type { SessionRegistry } from "./session-registry.ts";

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
  waitUntil: (promise: Promise<unknown>) => void;
}

/**
 * Tells members' Inboxes what their lists show, whole states and at most once a second. Whoever follows live is told
 * once that he does, and again when he does not any more; a large conversation tells only whom it mentions. What is
 * not told is asked for: `upkeep` says which. Rule INB-1.
 */
export class InboxPoker {
  readonly #parts: PokerParts;
  /** Whom to tell, and after which seq there is news for them. */
  #dirty = new Map<string, number>();
  /** Everybody has to be told of what came after this seq; a mark alone, since many commits make one round. */
  #everybodyFrom: number | null = null;
  /** Members whose Inbox knows that they follow live. */
  readonly #toldLive = new Set<string>();
  #stamp = 0;
  #roundAt = 0;
  #running: Promise<void> | null = null;
  /** False since the object woke: what a crash left untold is known to nobody. */
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

  /** A member's stored receipt moved. Whoever follows live is asked for when it matters. */
  read(userId: string): void {
    if (this.#isLarge || this.#toldLive.has(userId)) return;
    this.#mark(userId, this.#parts.state.head);
    this.#schedule();
  }

  /** Something changed for one member alone: what he hides, his following. */
  touched(userId: string): void {
    this.#toldLive.delete(userId);
    this.#mark(userId, this.#parts.state.head);
    this.#schedule();
  }

  /** For the timetable: true when nobody is left to tell. Members who are slow to answer do not hold its alarm. */
  async run(): Promise<boolean> {
    if (this.#isFresh && !this.#isLarge) this.#markEverybody(this.#parts.state.head);
    this.#schedule();
    if (this.#running !== null) {
      await callWithin(RUN_WITHIN_MS, this.#running).catch(() => undefined); // it goes on, and is looked after again
    }
    return this.#running === null && !this.#isDirty;
  }

  /** The state of one member's list entry as it is now. */
  entry(member: MemberRecord): Poke {
    const { state, views, sessions, presence } = this.#parts;
    const view = views.conversation(member);
    const follows = this.#isLarge || presence.isOnline(member.userId);
    this.#stamp = Math.max(this.#stamp + 1, Date.now());
    return {
      conversationId: view.conversationId,
      head: state.head,
      stamp: this.#stamp,
      upkeep: follows ? "ask" : "kept",
      present: sessions.hasUser(member.userId),
      type: view.type,
      activityAt: view.lastMessage?.event.at ?? view.createdAt,
      unread: view.me.unread,
      summary: JSON.stringify(conversationSummary(view, member.userId)),
    };
  }

  get #isLarge(): boolean {
    return this.#parts.state.members.count() > LIMITS.smallConversation;
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
    this.#isFresh = false;
  }

  /** Answers how many could not be told. */
  async #round(): Promise<number> {
    const dirty = this.#takeDirty();
    const newsFrom = new Map<number, Delivery | null>();
    let failed = 0;
    for (let at = 0; at < dirty.length; at += POKED_AT_ONCE) {
      const some = dirty.slice(at, at + POKED_AT_ONCE).map(async ([userId, from]) => {
        if (!newsFrom.has(from)) newsFrom.set(from, this.#news(from));
        if (await this.#poke(userId, newsFrom.get(from) ?? null)) return;
        this.#mark(userId, from);
        failed++;
      });
      await Promise.all(some);
    }
    return failed;
  }

  #takeDirty(): [userId: string, from: number][] {
    const from = this.#everybodyFrom;
    this.#everybodyFrom = null;
    if (from !== null) {
      for (const { userId } of this.#parts.state.members.page(LIMITS.members)) {
        this.#mark(userId, from);
      }
    }
    const dirty = [...this.#dirty];
    this.#dirty = new Map();
    return dirty;
  }

  async #poke(userId: string, news: Delivery | null): Promise<boolean> {
    const { env, state, gateways, presence } = this.#parts;
    const member = state.members.find(userId);
    const isLive = presence.isOnline(userId);
    if (member === undefined || (isLive && this.#toldLive.has(userId))) return true;
    const poke = this.entry(member);
    try {
      const call = env.INBOX.getByName(userId).poke({ poke, news: isLive ? null : news });
      const answer = await callWithin(CALL_TIMEOUT_MS, call);
      if (isLive) this.#toldLive.add(userId);
      for (const gateway of answer.gateways) {
        gateways.follow(gateway, userId, poke.head);
        presence.tell(userId, true);
      }
      return true;
    } catch (error) {
      logEvent("poke_failed", { conversationId: poke.conversationId, error: errorText(error) });
      return false;
    }
  }

  /** What came after `from`, as far as one page holds it. */
  #news(from: number): Delivery | null {
    const { founded, head, log } = this.#parts.state;
    if (founded === null || from >= head) return null;
    const { conversationId, type, epoch } = founded.charter;
    const { events } = pageOfEvents(log.after(from), eventText);
    const text = `[${events.join(",")}]`;
    return { conversationId, type, epoch, events: text, firstSeq: from + 1, head, frames: [] };
  }
}

function mentioned(rows: readonly LogRow[]): string[] {
  return rows.flatMap(
    ({ mentions }) => (mentions === null ? [] : (JSON.parse(mentions) as string[])), // written by messageChange alone
  );
}
