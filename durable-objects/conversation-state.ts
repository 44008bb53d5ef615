import type { Charter, Effect, MemberRecord, Profile } from "../core/conversation.ts";
import type { LogRow } from "../core/event-text.ts";
import { ReceiptBook } from "../core/receipt-book.ts";
import {
  appendGroup,
  type AppendedGroup,
  type ConversationPort,
  type LogEnd,
  type PendingAppend,
} from "../core/sequencer.ts";
import type { FoundedEvent } from "../protocol/event.ts";
import type { OutboxReceipt } from "../protocol/outbox-frames.ts";
import type { MemberReceipt } from "../protocol/server-frames.ts";
import { DEFAULT_SETTINGS } from "../protocol/settings.ts";
import { DEFAULT_FILE_TIMES, FileLedger, type FileTimes } from "./file-ledger.ts";
import { LogStore } from "./log-store.ts";
import { MemberStore } from "./member-store.ts";
import { MessageStore } from "./message-store.ts";
import { MetaStore } from "./meta-store.ts";
import { ReceiptStore } from "./receipt-store.ts";
import type { Founding } from "./rpc.ts";
import { TalliedSql } from "./tallied-sql.ts";
import { countUnread, type Unread } from "./unread-count.ts";

/** The stored conversation: SQLite is the truth, the fields are a cache of it. */
export class ConversationState {
  readonly sql: TalliedSql;
  readonly log: LogStore;
  readonly members: MemberStore;
  readonly messages: MessageStore;
  readonly files: FileLedger;
  readonly meta: MetaStore;
  readonly #storage: DurableObjectStorage;
  readonly #receipts: ReceiptStore;
  #book: ReceiptBook | null = null;
  #founded: { charter: Charter; profile: Profile } | null;
  #end: LogEnd;

  constructor(storage: DurableObjectStorage, fileTimes: FileTimes = DEFAULT_FILE_TIMES) {
    this.#storage = storage;
    this.sql = new TalliedSql(storage.sql);
    this.log = new LogStore(this.sql);
    this.members = new MemberStore(this.sql);
    this.messages = new MessageStore(this.sql);
    this.files = new FileLedger(this.sql, () => this.#founded?.charter.conversationId, fileTimes);
    this.meta = new MetaStore(this.sql);
    this.#receipts = new ReceiptStore(this.sql, this.members);
    this.#founded = this.#readFounded();
    this.#end = this.log.end() ?? { head: 0, at: 0 };
  }

  /** Null until somebody founds the conversation. */
  get founded(): { charter: Charter; profile: Profile } | null {
    return this.#founded;
  }

  get head(): number {
    return this.#end.head;
  }

  /** How far the members have got; read from storage when it is first asked for. */
  get book(): ReceiptBook {
    this.#book ??= this.#readBook();
    return this.#book;
  }

  /** Writes charter, members and event 0 in one transaction. The caller has seen that there is no charter. */
  found(founding: Founding, epoch: string, now: number): void {
    const { conversationId, type, name, founderId, members, settings } = founding;
    const charter: Charter = { conversationId, type, epoch, createdAt: now };
    const profile: Profile = {
      name,
      avatarFileId: founding.avatarFileId ?? null,
      settings: { ...DEFAULT_SETTINGS, ...settings },
    };
    const body: FoundedEvent["conversation"] = {
      type,
      name,
      members,
      ...(typeof founding.avatarFileId === "string" ? { avatarFileId: founding.avatarFileId } : {}),
      ...(settings === undefined ? {} : { settings }),
    };
    this.#storage.transactionSync(() => {
      this.meta.set("charter", JSON.stringify({ ...charter, name }));
      this.meta.set("profile", JSON.stringify(profile));
      for (const member of members) {
        this.members.put({ ...member, joinedAt: now, joinedSeq: 0, historyFrom: 0, mutedUntil: 0 });
      }
      this.log.insert({
        seq: 0,
        at: now,
        type: "founded",
        senderId: founderId,
        clientMessageId: null,
        body: JSON.stringify(body),
        version: 1,
        editedAt: null,
        deletedAt: null,
        mentions: null,
        traceparent: null,
      });
    });
    this.#founded = { charter, profile };
    this.#end = { head: 0, at: now };
  }

  /** Appends a group in one transaction; memory follows only after it holds. */
  append(appends: readonly PendingAppend[], now: number): AppendedGroup {
    const port = this.#port();
    try {
      const group = this.#storage.transactionSync(() => appendGroup(port, this.#end, appends, now));
      this.#end = group.end;
      this.#founded = { charter: port.charter, profile: port.profile };
      // sending implies having read up to there; the deployment itself sends as nobody's member
      for (const row of group.rows) {
        if (row.type === "message" && this.members.find(row.senderId) !== undefined)
          this.book.move(row.senderId, { read: row.seq }, row.seq, now);
      }
      for (const effect of group.effects) {
        if (effect.type === "dropMember") this.book.forget(effect.userId);
      }
      return group;
    } catch (error) {
      this.members.forgetAll();
      throw error;
    }
  }

  /** Stores the receipts that moved and answers them; before anybody is told (RCP-3). */
  flushReceipts(): MemberReceipt[] {
    const moved = this.book.takeMoved();
    try {
      this.#storage.transactionSync(() =>
        this.#receipts.write(
          this.book,
          moved.map(({ userId }) => userId),
          this.head,
        ),
      );
      this.book.markStored(moved);
      return moved;
    } catch (error) {
      this.book.putBack(moved);
      throw error;
    }
  }

  /** Receipts as they are on disk: what may be told outside, since no crash takes it back. */
  *storedReceipts(): Generator<OutboxReceipt> {
    for (const [userId, cursor] of this.#receipts.read().cursors) yield { userId, ...cursor };
  }

  unreadOf(member: MemberRecord): Unread {
    const after = Math.max(this.book.of(member.userId).read, member.historyFrom);
    return countUnread(this.sql, { userId: member.userId, after, head: this.head });
  }

  /** What was flushed, and what the messages since then say: sending implies having read up to there. */
  #readBook(): ReceiptBook {
    const { cursors, head } = this.#receipts.read();
    const book = new ReceiptBook(cursors);
    for (const { senderId, seq, at } of this.log.lastMessagesAfter(head)) {
      if (this.members.find(senderId) !== undefined) book.move(senderId, { read: seq }, seq, at);
    }
    return book;
  }

  /** The rules' sight of this conversation and hands on it, for one transaction. */
  #port(): ConversationPort & { profile: Profile } {
    if (this.#founded === null) throw new Error("nothing can be appended before the founding");
    return new StoredConversation(this, this.#founded);
  }

  #readFounded(): { charter: Charter; profile: Profile } | null {
    const text = this.meta.get("charter");
    if (typeof text !== "string") return null;
    // both written by found() and configure() alone, in this shape
    const { name, ...charter } = JSON.parse(text) as Charter & { name: string | null };
    const profile = this.meta.get("profile");
    if (typeof profile === "string") return { charter, profile: JSON.parse(profile) as Profile };
    return { charter, profile: { name, avatarFileId: null, settings: DEFAULT_SETTINGS } };
  }
}

/** The port of the sequencer on the object's SQLite. */
class StoredConversation implements ConversationPort {
  readonly charter: Charter;
  profile: Profile;
  readonly #state: ConversationState;

  constructor(
    state: ConversationState,
    { charter, profile }: { charter: Charter; profile: Profile },
  ) {
    this.#state = state;
    this.charter = charter;
    this.profile = profile;
  }

  insert(row: LogRow): boolean {
    const isNew = this.#state.log.insert(row);
    if (isNew) this.#state.files.refer(row);
    return isNew;
  }

  find(senderId: string, clientMessageId: string) {
    return this.#state.log.find(senderId, clientMessageId);
  }

  member(userId: string): MemberRecord | undefined {
    return this.#state.members.find(userId);
  }

  isBanned(userId: string): boolean {
    return this.#state.members.isBanned(userId);
  }

  memberCount(): number {
    return this.#state.members.count();
  }

  countRole(role: MemberRecord["role"]): number {
    return this.#state.members.countRole(role);
  }

  message(seq: number) {
    return this.#state.log.message(seq);
  }

  hasReaction(seq: number, userId: string, emoji: string): boolean {
    return this.#state.messages.hasReaction(seq, userId, emoji);
  }

  emojiCount(seq: number): number {
    return this.#state.messages.emojiCount(seq);
  }

  isBlocked(senderId: string): boolean {
    return this.charter.type === "direct" && this.#state.members.isBlockedByAnybody(senderId);
  }

  lastSentAt(userId: string, since: number): number | undefined {
    return this.#state.log.lastSentAt(userId, since);
  }

  apply(effect: Effect, row: LogRow): void {
    const { log, members, messages, meta } = this.#state;
    switch (effect.type) {
      case "putMember":
        return members.put(effect.member);
      case "dropMember":
        return members.drop(effect.userId);
      case "ban":
        return members.ban(effect.userId, effect.active);
      case "configure":
        this.profile = effect.profile;
        return meta.set("profile", JSON.stringify(effect.profile));
      case "rewrite":
        this.#keepVersion(effect.seq, row);
        return log.rewrite(effect.seq, effect.content, effect.version, row.at);
      case "erase": {
        const edits = messages.edits(effect.seq);
        this.#keepVersion(effect.seq, row);
        this.#state.files.release(effect.seq, row.at);
        return log.erase(effect.seq, row.at, edits);
      }
      case "react":
        return messages.react(effect.seq, effect.userId, effect.emoji, effect.active, row.at);
    }
  }

  #keepVersion(seq: number, { seq: replacedBy }: LogRow): void {
    const old = this.#state.log.row(seq);
    const message = this.#state.log.message(seq);
    if (old === undefined || message === undefined) throw new Error("no message to change");
    const { version, content } = message;
    const at = old.editedAt ?? old.at;
    this.#state.messages.keepVersion(seq, { version, at, content }, replacedBy);
  }
}
