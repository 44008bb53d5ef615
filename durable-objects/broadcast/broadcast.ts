import { DurableObject } from "cloudflare:workers";
import { waitAtMost } from "../../edge/calls/call.ts";
import { peopleOf } from "../../core/broadcast/people.ts";
import schema from "../../migrations/broadcast/0001_broadcast.sql";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Env } from "../../edge/env.ts";
import { applySchema } from "../storage/schema.ts";
import { TalliedSql } from "../storage/tallied-sql.ts";
import { Timetable } from "../storage/timetable.ts";
import type * as rpc from "../../edge/rpc/broadcast-rpc.ts";
import { DeliveryPump } from "./delivery-pump.ts";
import { JobStore, type StoredMessage } from "./job-store.ts";
import { ListAnnouncer } from "./list-announcer.ts";
import { ListStore, type StoredList } from "./list-store.ts";

/** How long a change waits for the Inboxes of owner and admins. */
const ANNOUNCED_WITHIN_MS = 2_000;
const ANNOUNCE_RETRY_MS = 30_000;
/** When a list that has too much under way is worth another try. */
const BUSY_RETRY_MS = 5_000;

const NO_SUCH_LIST = refusal("NOT_FOUND", "no such broadcast list");
const NO_SUCH_MESSAGE = refusal("NOT_FOUND", "no such message of this list");

/** One per broadcast list: its people, its messages, and how each message stands with each recipient. Entry points only. */
export class Broadcast extends DurableObject<Env> implements rpc.BroadcastRpc {
  readonly #list: ListStore;
  readonly #jobs: JobStore;
  readonly #pump: DeliveryPump;
  readonly #announcer: ListAnnouncer;
  readonly #timetable: Timetable<"deliver" | "announce">;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    applySchema(ctx.storage, [{ id: "0001_broadcast", sql: schema }]);
    const sql = new TalliedSql(ctx.storage.sql);
    this.#list = new ListStore(sql);
    this.#jobs = new JobStore(sql);
    this.#pump = new DeliveryPump(env, this.#jobs);
    this.#announcer = new ListAnnouncer(env, this.#list);
    this.#timetable = new Timetable(ctx.storage, sql, {
      deliver: (now) => this.#deliver(now),
      announce: (now) => this.#announce(now),
    });
  }

  async found(
    founding: rpc.BroadcastFounding,
  ): Promise<Result<{ created: boolean; view: rpc.BroadcastView }, Refusal>> {
    const stored = this.#list.get();
    if (
      stored !== undefined &&
      (stored.deletedAt !== null || stored.ownerId !== founding.ownerId)
    ) {
      return fail(refusal("ALREADY_EXISTS", "this broadcast id is taken"));
    }
    if (stored !== undefined) return ok({ created: false, view: this.#view(stored) });
    this.ctx.storage.transactionSync(() => this.#list.found(founding, Date.now()));
    await this.#tellInboxes();
    const view = await this.view(founding.ownerId);
    return view.ok ? ok({ created: true, view: view.value }) : view;
  }

  async view(readerId: UserId): Promise<Result<rpc.BroadcastView, Refusal>> {
    return this.#asSender(readerId, (list) => ok(this.#view(list)));
  }

  async change(
    userId: UserId,
    change: rpc.BroadcastChange,
  ): Promise<Result<rpc.BroadcastView, Refusal>> {
    const changed = this.#asOwner(userId, (list) => this.#change(list, change));
    if (!changed.ok) return changed;
    await this.#tellInboxes();
    return this.view(userId);
  }

  async remove(userId: UserId): Promise<Result<{ deletedAt: number; unsent: number }, Refusal>> {
    const removed = this.#asOwner(userId, () => {
      const deletedAt = Date.now();
      const unsent = this.#jobs.pendingCount();
      this.ctx.storage.transactionSync(() => {
        this.#list.remove(userId, deletedAt);
        this.#jobs.clear();
      });
      this.#timetable.done("deliver");
      return ok({ deletedAt, unsent });
    });
    if (removed.ok) await this.#tellInboxes();
    return removed;
  }

  async send(request: rpc.BroadcastSend): Promise<Result<rpc.AcceptedSend, Refusal>> {
    return this.#asSender(request.sender.userId, () => {
      const known = this.#jobs.find(request.sender.userId, request.clientMessageId);
      if (known !== undefined) return ok(this.#repeated(known));
      const recipientCount = this.#list.recipientCount();
      if (this.#jobs.pendingCount() + recipientCount > LIMITS.broadcastPending) {
        const busy = refusal("RATE_LIMITED", "too many recipients still wait for earlier messages");
        return fail({ ...busy, retryAfterMs: BUSY_RETRY_MS });
      }
      const now = Date.now();
      // the alarm first: no job is ever stored without one
      this.#timetable.within("deliver", now);
      const n = this.ctx.storage.transactionSync(() => this.#jobs.add(request, now));
      const senderId = request.sender.userId;
      return ok({ n, senderId, acceptedAt: now, recipientCount, repeated: false });
    });
  }

  async progress(
    readerId: UserId,
    n: number,
    query: rpc.DeliveryQuery,
  ): Promise<Result<rpc.BroadcastProgress, Refusal>> {
    return this.#asSender(readerId, () => {
      const stored = this.#jobs.message(n);
      if (stored === undefined) return fail(NO_SUCH_MESSAGE);
      const { sender, ...message } = stored;
      return ok({
        ...message,
        senderId: sender.userId,
        counts: this.#jobs.counts(n),
        ...this.#jobs.page(n, query),
      });
    });
  }

  override async alarm(): Promise<void> {
    await this.#timetable.run(Date.now);
  }

  async #deliver(now: number): Promise<number | null> {
    const list = this.#list.get();
    return list === undefined ? null : this.#pump.run(list.broadcastId, now);
  }

  async #announce(now: number): Promise<number | null> {
    const list = this.#list.get();
    if (list === undefined) return null;
    return (await this.#announcer.run(list.broadcastId)) ? null : now + ANNOUNCE_RETRY_MS;
  }

  /** At once, and planned before, so that a crash on the way leaves nobody out. Waits a moment for them. */
  async #tellInboxes(): Promise<void> {
    this.#timetable.within("announce", Date.now() + ANNOUNCE_RETRY_MS);
    const told = this.#announce(Date.now()).then((again) => {
      if (again === null) this.#timetable.done("announce");
    });
    this.ctx.waitUntil(told);
    await waitAtMost(ANNOUNCED_WITHIN_MS, told);
  }

  #change(list: StoredList, change: rpc.BroadcastChange): Result<null, Refusal> {
    const recipients = change.recipients ?? this.#list.recipients();
    const people = peopleOf({
      ownerId: list.ownerId,
      adminIds: change.adminIds ?? this.#list.adminIds(),
      recipientIds: recipients.map(({ userId }) => userId),
    });
    if (!people.ok) return people;
    this.ctx.storage.transactionSync(() => {
      this.#list.touch(change.name ?? list.name, Date.now());
      this.#list.setAdmins(people.value.adminIds);
      if (change.recipients !== undefined) this.#list.setRecipients(change.recipients);
    });
    return ok(null);
  }

  #view({ deletedAt: _none, ...list }: StoredList): rpc.BroadcastView {
    return {
      ...list,
      adminIds: this.#list.adminIds(),
      recipientIds: this.#list.recipients().map(({ userId }) => userId),
      messageCount: this.#jobs.messageCount(),
    };
  }

  #repeated({ n, sender, acceptedAt }: StoredMessage): rpc.AcceptedSend {
    const counts = Object.values(this.#jobs.counts(n));
    const recipientCount = counts.reduce((sum, count) => sum + count, 0);
    return { n, senderId: sender.userId, acceptedAt, recipientCount, repeated: true };
  }

  /** Owner and admins; to anybody else the list is not there. Rule BCT-2. */
  #asSender<T>(
    userId: UserId,
    answer: (list: StoredList) => Result<T, Refusal>,
  ): Result<T, Refusal> {
    const list = this.#list.get();
    if (list === undefined || list.deletedAt !== null) return fail(NO_SUCH_LIST);
    if (list.ownerId !== userId && !this.#list.isAdmin(userId)) return fail(NO_SUCH_LIST);
    return answer(list);
  }

  #asOwner<T>(
    userId: UserId,
    answer: (list: StoredList) => Result<T, Refusal>,
  ): Result<T, Refusal> {
    return this.#asSender(userId, (list) =>
      list.ownerId === userId
        ? answer(list)
        : fail(refusal("FORBIDDEN", "only its owner may change a broadcast list")),
    );
  }
}
