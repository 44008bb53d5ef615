import { DurableObject } from "cloudflare:workers";
import type { Appearance } from "../../core/visibility.ts";
import {
  parseUserId,
  type BroadcastId,
  type ConversationId,
  type UserId,
} from "../../protocol/ids.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { FileId } from "../../protocol/file-id.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Notification } from "../../protocol/notification.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import membership from "../../migrations/inbox/0001_membership.sql";
import fileUsage from "../../migrations/inbox/0002_file_usage.sql";
import entries from "../../migrations/inbox/0003_entries.sql";
import notifications from "../../migrations/inbox/0004_notifications.sql";
import broadcasts from "../../migrations/inbox/0005_broadcasts.sql";
import visibility from "../../migrations/inbox/0006_visibility.sql";
import blocks from "../../migrations/inbox/0007_blocks.sql";
import { callEach } from "./call-each.ts";
import { waitAtMost } from "../../edge/calls/call.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { FileQuota } from "./file-quota.ts";
import { InboxBroadcasts } from "./inbox-broadcasts.ts";
import { InboxConnections } from "./inbox-connections.ts";
import { InboxEntries } from "./inbox-entries.ts";
import { entryText, listPage, type HeldPage } from "./inbox-list.ts";
import { InboxMembership } from "./inbox-membership.ts";
import { InboxNotifications } from "./inbox-notifications.ts";
import { InboxReconciler } from "./inbox-reconciler.ts";
import type {
  BroadcastPlace,
  InboxRpc,
  ListPage,
  ListQuery,
  NotificationPage,
  Poke,
  PokeAnswer,
  PokeWithNews,
  Preferences,
  PresenceAnswer,
} from "../../edge/rpc/inbox-rpc.ts";
import { InboxSettings } from "./inbox-settings.ts";
import { InboxVisibility } from "./inbox-visibility.ts";
import type { InboxFilesRpc } from "../../edge/rpc/files-rpc.ts";
import { matchesTag, weakTag } from "../../edge/answers/entity-tag.ts";
import { listAnswer, type ListRequest } from "./list-answer.ts";
import { applySchema } from "../storage/schema.ts";
import { splicedJson } from "./spliced-json.ts";
import { TalliedSql } from "../storage/tallied-sql.ts";
import { Timetable } from "../storage/timetable.ts";

/** How long somebody who changes who sees him waits for the Conversations. */
const TOLD_WITHIN_MS = 2_000;
/** Conversations that are told that their member is connected at a further place: those of a list's first screens. */
const UNCOVERED = 200;
/** How often an Inbox looks, when its user connects, whether what it was told is what there is. */
const RECONCILE_EVERY_MS = 86_400_000;

/**
 * One per user: the conversation list, blocks, presence, live connections. Derived; a Conversation decides who its
 * members are and what they have read. Entry points only.
 */
export class Inbox extends DurableObject<ObjectEnv> implements InboxRpc, InboxFilesRpc {
  readonly #userId: UserId;
  readonly #entries: InboxEntries;
  readonly #membership: InboxMembership;
  readonly #settings: InboxSettings;
  readonly #notifications: InboxNotifications;
  readonly #connections: InboxConnections;
  readonly #reconciler: InboxReconciler;
  readonly #visibility: InboxVisibility;
  readonly #timetable: Timetable<"reconcile" | "visibility">;
  readonly #fileQuota: FileQuota;
  readonly #broadcasts: InboxBroadcasts;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    applySchema(ctx.storage, [
      { id: "0001_membership", sql: membership },
      { id: "0002_file_usage", sql: fileUsage },
      { id: "0003_entries", sql: entries },
      { id: "0004_notifications", sql: notifications },
      { id: "0005_broadcasts", sql: broadcasts },
      { id: "0006_visibility", sql: visibility },
      { id: "0007_blocks", sql: blocks },
    ]);
    const sql = new TalliedSql(ctx.storage.sql);
    this.#userId = ownUserId(ctx);
    this.#membership = new InboxMembership(sql);
    this.#entries = new InboxEntries(sql, this.#membership);
    this.#settings = new InboxSettings(sql);
    this.#visibility = new InboxVisibility(env, this.#userId, this.#settings, this.#membership);
    this.#notifications = new InboxNotifications(sql);
    this.#connections = new InboxConnections(sql, env.GATEWAY, this.#userId);
    this.#reconciler = new InboxReconciler(
      env,
      this.#userId,
      (poke) => this.#heard(poke),
      (conversationId) => this.#drop(conversationId),
    );
    this.#fileQuota = new FileQuota(ctx.storage.sql);
    this.#broadcasts = new InboxBroadcasts(sql);
    this.#timetable = new Timetable(ctx.storage, sql, {
      reconcile: () => this.reconcile().then(() => null),
      visibility: (now) => this.#visibility.tell(now),
    });
  }

  /** The worker's way to the list. Whoever asks is the user: nobody else is let in here. */
  override async fetch(request: Request): Promise<Response> {
    const asked = await request.json<ListRequest>(); // our own worker wrote it
    return listAnswer(await this.#list(asked.query), asked);
  }

  async list(query: ListQuery): Promise<ListPage> {
    const { entries, ...page } = await this.#list(query);
    const conversations = new TextDecoder().decode(splicedJson("[", entries, "]"));
    return { ...page, conversations };
  }

  async conversationIds(): Promise<ConversationId[]> {
    return this.#membership.all();
  }

  async joined(conversationId: ConversationId, at: number): Promise<Appearance> {
    const { appearance } = this.#visibility;
    this.#membership.put(conversationId, at, appearance.visibility);
    this.#entries.changed(conversationId);
    return appearance;
  }

  async left(conversationId: ConversationId): Promise<void> {
    const wasListed = this.#membership.has(conversationId);
    this.#drop(conversationId);
    if (!wasListed) return;
    const entry = JSON.stringify({ conversationId, removed: true });
    this.ctx.waitUntil(this.#connections.handOver({ conversationId, news: null, entry }));
  }

  async poke({ poke, news, followedAt }: PokeWithNews): Promise<PokeAnswer> {
    this.#heard(poke);
    const { conversationId, summary } = poke;
    const entry = entryText(summary, this.#settings.of(conversationId));
    const handOver = { conversationId, news, entry };
    const following = await this.#connections.handOver(handOver, followedAt);
    return {
      following,
      connected: this.#connections.gateways(),
      suspended: this.#isSuspended(Date.now()),
    };
  }

  async reconcile(): Promise<void> {
    await this.#reconciler.ask(this.#membership.all());
    const now = Date.now();
    this.#settings.set("reconciledAt", now);
    if (!this.#visibility.isKnown) this.#timetable.within("visibility", now);
  }

  async prefer(
    conversationId: ConversationId,
    change: Partial<Preferences>,
  ): Promise<Preferences | null> {
    if (!this.#membership.has(conversationId)) return null;
    const preferences = this.#settings.prefer(conversationId, change, Date.now());
    this.#entries.changed(conversationId);
    const entry = JSON.stringify({ conversationId, ...preferences });
    this.ctx.waitUntil(this.#connections.handOver({ conversationId, news: null, entry }));
    return preferences;
  }

  async connected(gateway: string, connectionId: string): Promise<boolean> {
    const now = Date.now();
    if (this.#isSuspended(now)) return false;
    const isFurther = this.#connections.add(gateway, connectionId, now);
    if (isFurther) this.ctx.waitUntil(this.#uncover());
    const reconciledAt = this.#settings.get("reconciledAt") ?? 0;
    if (now - reconciledAt > RECONCILE_EVERY_MS) this.#timetable.within("reconcile", now);
    return true;
  }

  async disconnected(gateway: string, connectionIds: readonly string[]): Promise<void> {
    this.#connections.remove(gateway, connectionIds);
    this.#markSeen(Date.now());
  }

  /** A socket that has just opened is not known here yet, so every Conversation is told. */
  async suspend(until: number): Promise<void> {
    this.#settings.set("suspendedUntil", until);
    if (!this.#isSuspended(Date.now())) return;
    const [isExpelled, unreached] = await Promise.all([
      this.#connections.expel(),
      callEach(this.env, this.#membership.all(), (conversation) =>
        conversation.expel(this.#userId),
      ),
    ]);
    if (!isExpelled || unreached.length > 0) {
      throw new Error("a connection of somebody suspended may still be open");
    }
  }

  async notify(notification: Notification): Promise<{ repeated: boolean }> {
    const stored = { ...notification, at: Date.now() };
    const isNew = this.#notifications.add(stored);
    if (isNew) this.ctx.waitUntil(this.#connections.notify(stored));
    return { repeated: !isNew };
  }

  async notifications({
    before,
    limit,
  }: {
    before?: number;
    limit: number;
  }): Promise<NotificationPage> {
    return this.#notifications.page(before, limit);
  }

  /** Rejects when the direct conversation cannot be told: it is what refuses, and the block is asked for again. */
  async block(blockedId: UserId, active: boolean): Promise<Result<null, Refusal>> {
    const isNew = active && !this.#settings.hasBlocked(blockedId);
    if (isNew && this.#settings.blocked().length >= LIMITS.blocks) return fail(TOO_MANY_BLOCKED);
    if (this.#settings.setBlocked(blockedId, active, Date.now())) this.#visibility.renew();
    const told = this.#tellAppearance();
    await this.#visibility.tellDirect(blockedId);
    await told;
    return ok(null);
  }

  async blocks(): Promise<{ userId: UserId; at: number }[]> {
    return this.#settings.blocked();
  }

  async presence(asker: {
    userId: UserId;
    conversationIds: readonly ConversationId[];
  }): Promise<PresenceAnswer | null> {
    if (asker.userId !== this.#userId) {
      const isShared = asker.conversationIds.some((id) => this.#membership.has(id));
      if (!isShared || this.#settings.hasBlocked(asker.userId)) return null;
      if (this.#visibility.isInvisible) return { online: false, lastSeen: this.#lastSeen };
    }
    // a Conversation that crashed could not say that a socket went
    await this.#reconciler.ask(this.#entries.present());
    const online = this.#isOnline();
    return { online, lastSeen: online ? null : this.#lastSeen };
  }

  async setInvisible(invisible: boolean): Promise<void> {
    const now = Date.now();
    // to the others he goes now; an older time would tell them that he did not
    if (invisible && !this.#visibility.isInvisible && this.#isOnline())
      this.#settings.set("lastSeen", now);
    this.#visibility.turn(invisible);
    await this.#tellAppearance();
  }

  async reserveFile(fileId: FileId, bytes: number, quota: number): Promise<Result<null, Refusal>> {
    return this.#fileQuota.reserve(fileId, bytes, quota);
  }

  async releaseFile(fileId: FileId): Promise<void> {
    this.#fileQuota.release(fileId);
  }

  async broadcastListed(broadcastId: BroadcastId, listed: boolean): Promise<void> {
    this.#broadcasts.set(broadcastId, listed, Date.now());
  }

  async broadcasts(after: BroadcastPlace | null, limit: number): Promise<BroadcastPlace[]> {
    return this.#broadcasts.page(after, limit);
  }

  override async alarm(): Promise<void> {
    await this.#timetable.run(Date.now);
  }

  async #list(query: ListQuery): Promise<HeldPage> {
    await this.#reconciler.ask(this.#entries.toAsk());
    const { changedSince, known } = query;
    const removed = changedSince === undefined ? [] : this.#membership.departedSince(changedSince);
    const tag = weakTag(this.#entries.tag);
    const entries = matchesTag(known, tag) ? [] : this.#entries.all();
    return listPage(entries, removed, query, { now: Date.now(), tag });
  }

  #heard(poke: Poke): void {
    const now = Date.now();
    const wasOnline = this.#isOnline();
    if (!this.#entries.put(poke, now)) return;
    if (poke.unread === 0) this.#settings.clearMark(poke.conversationId, now);
    else this.#settings.unarchive(poke.conversationId, poke.activityAt, now);
    this.#entries.changed(poke.conversationId);
    if (wasOnline) this.#markSeen(now);
  }

  /** Resolves when every Conversation knows who is to see the user, or it takes too long. */
  async #tellAppearance(): Promise<void> {
    if (this.#visibility.isKnown) return;
    const now = Date.now();
    // planned before, so that a crash on the way leaves no Conversation out
    this.#timetable.within("visibility", now + TOLD_WITHIN_MS);
    const told = this.#visibility.tell(now).then((again) => {
      if (again === null) this.#timetable.done("visibility");
    });
    this.ctx.waitUntil(told);
    await waitAtMost(TOLD_WITHIN_MS, told);
  }

  #isSuspended(now: number): boolean {
    return now < (this.#settings.get("suspendedUntil") ?? 0);
  }

  /** What the user follows live elsewhere has to be told at this place too. */
  async #uncover(): Promise<void> {
    await callEach(this.env, this.#entries.live(UNCOVERED), (conversation) =>
      conversation.uncover(this.#userId),
    );
  }

  #isOnline(): boolean {
    return this.#connections.gateways().length > 0 || this.#entries.present().length > 0;
  }

  get #lastSeen(): number | null {
    return this.#settings.get("lastSeen");
  }

  /** The last connection went: it is what others see as the last time, unless they did not see it. */
  #markSeen(now: number): void {
    if (!this.#visibility.isInvisible && !this.#isOnline()) this.#settings.set("lastSeen", now);
  }

  #drop(conversationId: ConversationId): void {
    this.#membership.remove(conversationId, Date.now());
    this.#entries.drop(conversationId);
    this.#settings.forget(conversationId);
    this.#entries.changed(conversationId);
  }
}

const TOO_MANY_BLOCKED = refusal(
  "TOO_LARGE",
  `nobody blocks more than ${LIMITS.blocks} people: let some in again`,
);

/** An Inbox is named by its user. */
function ownUserId({ id }: DurableObjectState): UserId {
  const userId = parseUserId(id.name);
  if (!userId.ok) throw new Error("an Inbox without a user's name");
  return userId.value;
}
