import { fullJitterMs } from "../../../core/backoff.ts";
import { eventText } from "../../../core/event-text.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { callWithin } from "../../../edge/calls/call.ts";
import type { ConversationState } from "../conversation-state.ts";
import type { ObjectEnv } from "../../../edge/object-env.ts";
import type { CommittedGroup, FanOutEnd } from "../fan-out.ts";
import { errorText, logEvent } from "../../../edge/log.ts";
import { deliveryOf, pageOfEvents } from "../event-page.ts";
import type { GatewayRpc, TargetedFrame } from "../../../edge/rpc/gateway-rpc.ts";
import { SubscriberStore } from "./subscriber-store.ts";

const DELIVER_TIMEOUT_MS = 5_000;
/** Deliveries in a row that failed before a Gateway is taken for gone; it subscribes again when it finds a gap. */
const FAILURES_ALLOWED = 5;
/** Waits between them: a deploy of the Gateway is over within. */
const RETRY = { baseMs: 100, capMs: 2_000 };
/** Ephemeral frames kept for a Gateway that is slow; the oldest go first, each comes again in its next state. */
const FRAMES_KEPT = 256;

/**
 * Gateways as a way out: one call for each Gateway and group, and never more than one under way, so that order holds and
 * a slow one costs no memory: what it missed meanwhile is read from the log when it is ready. Rule GTW-1.
 */
export class GatewayLinks implements FanOutEnd {
  readonly #env: ObjectEnv;
  readonly #state: ConversationState;
  readonly #store: SubscriberStore;
  readonly #links = new Map<string, GatewayLink>();

  constructor(env: ObjectEnv, state: ConversationState) {
    this.#env = env;
    this.#state = state;
    this.#store = new SubscriberStore(state.sql);
    for (const { gateway, users } of this.#store.all()) this.#open(gateway, users);
  }

  get size(): number {
    return this.#links.size;
  }

  /** The Gateway gets everything after `cursor`, the present head unless given, for this user among others. */
  follow(gateway: string, userId: string, cursor?: number): void {
    const known = this.#links.get(gateway);
    const link = known ?? this.#open(gateway, []);
    if (link === undefined) return;
    link.users.add(userId);
    this.#store.put(gateway, [...link.users]);
    if (known === undefined && cursor !== undefined) link.resumeAt(cursor);
  }

  unfollow(gateway: string, userIds: readonly string[]): void {
    const link = this.#links.get(gateway);
    if (link === undefined) return;
    for (const userId of userIds) link.users.delete(userId);
    if (link.users.size === 0) this.#drop(gateway);
    else this.#store.put(gateway, [...link.users]);
  }

  /** The user is no member any more: no Gateway carries the conversation to him. */
  forgetUser(userId: string): void {
    for (const [gateway, { users }] of this.#links) {
      if (users.has(userId)) this.unfollow(gateway, [userId]);
    }
  }

  hasUser(userId: string): boolean {
    return [...this.#links.values()].some(({ users }) => users.has(userId));
  }

  /** Names of the Gateways that carry it to the user. */
  followedBy(userId: string): string[] {
    return [...this.#links].filter(([, { users }]) => users.has(userId)).map(([name]) => name);
  }

  follows(gateway: string, userId: string): boolean {
    return this.#links.get(gateway)?.users.has(userId) === true;
  }

  /** The user's list entry has changed: JSON, told where the conversation is carried to him. */
  tellEntry(userId: string, entry: string): void {
    for (const link of this.#links.values()) if (link.users.has(userId)) link.tell(userId, entry);
  }

  *users(): Generator<string> {
    for (const { users } of this.#links.values()) yield* users;
  }

  group({ events, firstSeq }: CommittedGroup): void {
    if (events.length === 0) return;
    const committed = { events, firstSeq };
    for (const link of this.#links.values()) link.deliver(committed);
  }

  frame(frame: TargetedFrame): void {
    for (const link of this.#links.values()) {
      if (frame.only === undefined || link.users.has(frame.only)) link.add(frame);
    }
  }

  #open(gateway: string, users: Iterable<string>): GatewayLink | undefined {
    const stub = this.#env.GATEWAY?.getByName(gateway);
    if (stub === undefined) return undefined;
    const link = new GatewayLink(stub, this.#state, users, () => this.#drop(gateway));
    this.#links.set(gateway, link);
    return link;
  }

  #drop(gateway: string): void {
    this.#links.delete(gateway);
    this.#store.drop(gateway);
  }
}

type GroupEvents = Pick<CommittedGroup, "events" | "firstSeq">;

class GatewayLink {
  readonly users: Set<string>;
  readonly #gateway: GatewayRpc;
  readonly #state: ConversationState;
  readonly #gone: () => void;
  #cursor: number;
  #frames: TargetedFrame[] = [];
  /** Of each user the newest; one that is not delivered is tried again. */
  #entries = new Map<string, string>();
  #isBusy = false;
  #isGone = false;
  #failures = 0;

  constructor(
    gateway: GatewayRpc,
    state: ConversationState,
    users: Iterable<string>,
    gone: () => void,
  ) {
    this.#gateway = gateway;
    this.#state = state;
    this.users = new Set(users);
    this.#gone = gone;
    this.#cursor = state.head;
  }

  deliver(committed: GroupEvents): void {
    this.#run(committed);
  }

  /** What came after `cursor` goes out now. */
  resumeAt(cursor: number): void {
    this.#cursor = cursor;
    if (cursor < this.#state.head) this.#run(null);
  }

  add(frame: TargetedFrame): void {
    this.#frames.push(frame);
    if (this.#frames.length > FRAMES_KEPT) this.#frames.shift();
    this.#run(null);
  }

  tell(userId: string, entry: string): void {
    this.#entries.set(userId, entry);
    this.#run(null);
  }

  /** Unless a run is under way, which sees by itself that there is more. */
  #run(committed: GroupEvents | null): void {
    if (this.#isBusy) return;
    void this.#steps(committed); // never rejects
  }

  async #steps(committed: GroupEvents | null): Promise<void> {
    this.#isBusy = true;
    let group = committed;
    do {
      await this.#step(group);
      group = null;
    } while (!this.#isGone && this.#isBehind);
    this.#isBusy = false;
  }

  get #isBehind(): boolean {
    return this.#cursor < this.#state.head || this.#frames.length > 0 || this.#entries.size > 0;
  }

  /** One call; after one that failed, a wait before the next. */
  async #step(committed: GroupEvents | null): Promise<void> {
    const { events, cursor } = this.#next(committed);
    const frames = this.#frames;
    const entries = [...this.#entries].map(([userId, entry]) => ({ userId, entry }));
    this.#frames = [];
    this.#entries = new Map();
    try {
      const page = deliveryOf(this.#state, events, this.#cursor + 1);
      const delivery = { ...page, frames, entries };
      const { following } = await callWithin(DELIVER_TIMEOUT_MS, this.#gateway.deliver(delivery));
      this.#failures = 0;
      this.#cursor = cursor;
      if (!following) this.#leave();
    } catch (error) {
      this.#failures++;
      for (const { userId, entry } of entries) {
        if (!this.#entries.has(userId)) this.#entries.set(userId, entry);
      }
      logEvent("gateway_delivery_failed", { failures: this.#failures, error: errorText(error) });
      if (this.#failures >= FAILURES_ALLOWED) return this.#leave();
      await scheduler.wait(fullJitterMs(this.#failures, RETRY, Math.random()));
    }
  }

  #leave(): void {
    this.#isGone = true;
    this.#gone();
  }

  /** The group itself when it continues what the Gateway has, else what the log holds after that. */
  #next(committed: GroupEvents | null) {
    if (committed?.firstSeq === this.#cursor + 1 && isOnePage(committed.events)) {
      const { events } = committed;
      return { events, cursor: this.#cursor + events.length };
    }
    const page = pageOfEvents(this.#state.log.after(this.#cursor), eventText);
    return { events: page.events, cursor: this.#cursor + page.events.length };
  }
}

function isOnePage(events: readonly string[]): boolean {
  return events.reduce((units, event) => units + event.length, 0) <= LIMITS.pageBytes;
}
