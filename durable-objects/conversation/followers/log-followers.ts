import type { LogRow } from "../../../core/event-text.ts";
import type { MemberRecord } from "../../../core/conversation.ts";
import { auditPage } from "../audit-page.ts";
import type { AuditPage } from "../../../edge/rpc/conversation-rpc.ts";
import { waitAtMost } from "../../../edge/calls/call.ts";
import { DirectoryEntry } from "./directory-entry.ts";
import { InboxAnnouncer } from "./inbox-announcer.ts";
import { InboxPoker, type PokerParts } from "./inbox-poker.ts";
import type { Poke } from "../../../edge/rpc/inbox-rpc.ts";
import { StaffDesk } from "./staff-desk.ts";
import { OutboxPublisher } from "./outbox-publisher.ts";
import type { Timetable } from "../../storage/timetable.ts";

/** How long a founding waits for the Inboxes of its members. */
const ANNOUNCED_WITHIN_MS = 2_000;
/** The next look at members whose Inbox could not be told, and at a directory that could not. */
const ANNOUNCE_RETRY_MS = 30_000;
/** The look after members' lists: once in a busy period, since a plan costs rows. */
const POKE_AGAIN_MS = 30_000;

/** An object sleeps after ten seconds without an event; by then its followers are at rest. */
const REST_AFTER_MS = 7_000;

/** Events after which Inboxes have to hear who came and who went. */
const CHANGES_MEMBERS: ReadonlySet<string> = new Set(["membership", "dismissed"]);

/** When followers look again by themselves. */
type Plans = Pick<
  Timetable<"outbox" | "announce" | "poke" | "staff">,
  "within" | "done" | "isPlanned"
>;

export interface FollowerPorts extends PokerParts {
  plans: () => Plans;
}

/**
 * Who follows the log beside its readers: the bridge, and the Inboxes of members, for who comes and goes and for what
 * their lists show. Each follower keeps its own place in the log, hears of a commit after it, and is looked after by the
 * timetable until it has everything; so a further one, as an index for search, touches nothing on the way of a message.
 */
export class LogFollowers {
  readonly #ports: FollowerPorts;
  readonly #poker: InboxPoker;
  #outbox: OutboxPublisher | null = null;
  #announcer: InboxAnnouncer | null = null;
  #entry: DirectoryEntry | null = null;
  /** Epoch ms; when a follower last had something to do. */
  #busyAt = 0;
  #isResting = false;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    this.#poker = new InboxPoker(ports);
  }

  /** In the turn of a commit: plans join its write, and nothing waits for a follower. */
  committed(rows: readonly LogRow[]): void {
    const isListed = this.#directoryEntry()?.isMade !== false;
    if (!isListed || rows.some(({ type }) => CHANGES_MEMBERS.has(type)))
      this.#ports.waitUntil(this.#announceAll());
    this.#ports.plans().within("poke", Date.now() + POKE_AGAIN_MS);
    this.#poker.committed(rows);
    this.#published();
    this.#restSoon();
  }

  /** Staff has to be told of an event that was committed just now. */
  concernsStaff(): void {
    this.#ports.plans().within("staff", Date.now());
  }

  /** The first event is there. Resolves when every member's Inbox knows, one could not be told, or it takes too long. */
  async founded(): Promise<void> {
    const told = this.#announceAll();
    this.#ports.waitUntil(told);
    this.committed(this.#ports.state.log.after(-1).take(1).toArray());
    await waitAtMost(ANNOUNCED_WITHIN_MS, told);
  }

  /** Something changed for one member's list alone: what he hides, whom he blocks, whether he follows live. */
  touched(userId: string): void {
    if (this.#ports.state.founded !== null) this.#poker.touched(userId);
  }

  /** A member is connected at a place that does not hear of the conversation. */
  uncover(userId: string): void {
    this.#poker.uncover(userId);
  }

  /** The state of one member's list entry as it is now. */
  entry(member: MemberRecord): Poke {
    return this.#poker.entry(member);
  }

  receiptsStored(userIds: readonly string[]): void {
    const { book } = this.#ports.state;
    this.#poker.read(userIds);
    this.#publisher()?.add(userIds.map((userId) => ({ userId, ...book.of(userId) })));
    this.#published();
    this.#restSoon();
  }

  /** The bridge's sink is back, or has room again; without a name, a first bridge has come. */
  drain(sink?: string): void {
    this.#publisher()?.resume(sink);
    this.#restSoon();
  }

  /** The log after `cursor`, for the bridge's audit; null before the founding. */
  audit(cursor: number): AuditPage | null {
    const { state } = this.#ports;
    return state.founded === null ? null : auditPage(state, state.founded.charter, cursor);
  }

  /** For the timetable. */
  async lookAfterOutbox(): Promise<number | null> {
    return (await this.#publisher()?.lookAfter()) ?? null;
  }

  /** For the timetable: tells Inboxes who came and who went, and the directory that there is a conversation. */
  async announce(now: number): Promise<number | null> {
    const { env, state, presence } = this.#ports;
    if (state.founded === null) return null;
    const { conversationId } = state.founded.charter;
    this.#announcer ??= new InboxAnnouncer(
      env.INBOX,
      state.members,
      conversationId,
      (userId, appearance) => presence.announced(userId, appearance),
    );
    const told = await Promise.all([this.#announcer.run(), this.#directoryEntry()?.make()]);
    return told.includes(false) ? now + ANNOUNCE_RETRY_MS : null;
  }

  /** For the timetable: tells Inboxes what a crash or a failed call left untold. */
  async poke(now: number): Promise<number | null> {
    if (this.#ports.state.founded === null) return null;
    return (await this.#poker.run()) ? null : now + POKE_AGAIN_MS;
  }

  /** For the timetable: tells the deployment's staff what concerns it. */
  async tellStaff(): Promise<null> {
    const { env, state } = this.#ports;
    if (env.DB !== undefined) await new StaffDesk(env.DB, state).run();
    return null;
  }

  /** At once, and planned before, so that a crash on the way does not leave anybody out. */
  async #announceAll(): Promise<void> {
    const plans = this.#ports.plans();
    plans.within("announce", Date.now() + ANNOUNCE_RETRY_MS);
    if ((await this.announce(Date.now())) === null) plans.done("announce");
  }

  /** New events for the bridge: tried at once, and looked after until it has them. */
  #published(): void {
    const outbox = this.#publisher();
    if (outbox === null) return;
    const plans = this.#ports.plans();
    const due = plans.isPlanned("outbox") ? null : outbox.due(Date.now());
    if (due !== null) plans.within("outbox", due);
    outbox.kick();
  }

  #restSoon(): void {
    this.#busyAt = Date.now();
    if (this.#isResting) return;
    this.#isResting = true;
    void this.#rest(); // rejects only when the object is broken; then its plans stand
  }

  /**
   * A while after a burst, and before the object sleeps: stores what followers have, and calls off their plans. An object
   * that slept before would be woken for nothing, and then not know that its followers have everything.
   */
  async #rest(): Promise<void> {
    const quietMs = Number(this.#ports.env.REST_AFTER_MS ?? REST_AFTER_MS);
    while (Date.now() - this.#busyAt < quietMs) {
      await scheduler.wait(this.#busyAt + quietMs - Date.now());
    }
    this.#isResting = false;
    const plans = this.#ports.plans();
    if (this.#poker.isLevel) plans.done("poke");
    const outbox = this.#publisher();
    if (outbox === null) return;
    await outbox.settle();
    if (outbox.due(Date.now()) === null) plans.done("outbox");
  }

  #directoryEntry(): DirectoryEntry | null {
    const { env, state } = this.#ports;
    if (state.founded === null) return null;
    const { conversationId } = state.founded.charter;
    this.#entry ??= new DirectoryEntry(env.OUTBOX, state.meta, conversationId);
    return this.#entry;
  }

  #publisher(): OutboxPublisher | null {
    const { env, state } = this.#ports;
    if (state.founded === null || env.BRIDGE_SECRET === undefined) return null;
    this.#outbox ??= new OutboxPublisher(env, state, state.founded.charter);
    return this.#outbox;
  }
}
