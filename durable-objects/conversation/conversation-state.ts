import type {
  Charter,
  ConversationReader,
  MemberRecord,
  Profile,
} from "../../core/conversation.ts";
import { ReceiptBook } from "../../core/receipts/receipt-book.ts";
import {
  appendGroup,
  type AppendedGroup,
  type LogEnd,
  type PendingAppend,
} from "../../core/sequencer.ts";
import type { FoundedEvent } from "../../protocol/event.ts";
import type { OutboxReceipt } from "../../protocol/outbox-frames.ts";
import type { MemberReceipt } from "../../protocol/server-frames.ts";
import { DEFAULT_SETTINGS } from "../../protocol/settings.ts";
import { BlockStore } from "./stores/block-store.ts";
import { DEFAULT_FILE_TIMES, FileLedger } from "./stores/file-ledger.ts";
import type { FileTimes } from "../../edge/files/file-settings.ts";
import { InviteStore } from "./stores/invite-store.ts";
import { JoinRequestStore } from "./stores/join-request-store.ts";
import { LogStore } from "./stores/log-store.ts";
import { MemberStore } from "./stores/member-store.ts";
import { MessageStore } from "./stores/message-store.ts";
import { MetaStore } from "../storage/meta-store.ts";
import { ModerationStore } from "./stores/moderation-store.ts";
import { RowsOneByOne, RowsTogether, type NewRows } from "./stores/new-rows.ts";
import { ReceiptStore } from "./stores/receipt-store.ts";
import { KeyTaken } from "./stores/row-insert.ts";
import type { Founding } from "../../edge/rpc/conversation-rpc.ts";
import { StoredConversation } from "./stores/stored-conversation.ts";
import { TalliedSql } from "../storage/tallied-sql.ts";
import { countUnread } from "./stores/unread-count.ts";
import type { Unread } from "../../edge/rpc/conversation-rpc.ts";

/** What is known of a conversation that was founded. */
export interface Founded {
  charter: Charter;
  profile: Profile;
  /** Epoch ms; null while it lives. */
  dismissedAt: number | null;
}

/** The stored conversation: SQLite is the truth, the fields are a cache of it. */
export class ConversationState {
  readonly sql: TalliedSql;
  readonly log: LogStore;
  readonly members: MemberStore;
  readonly blocks: BlockStore;
  readonly messages: MessageStore;
  readonly invites: InviteStore;
  readonly requests: JoinRequestStore;
  readonly files: FileLedger;
  readonly meta: MetaStore;
  readonly moderation: ModerationStore;
  readonly #storage: DurableObjectStorage;
  readonly #receipts: ReceiptStore;
  #book: ReceiptBook | null = null;
  #founded: Founded | null;
  #end: LogEnd;

  constructor(storage: DurableObjectStorage, fileTimes: FileTimes = DEFAULT_FILE_TIMES) {
    this.#storage = storage;
    this.sql = new TalliedSql(storage.sql);
    this.log = new LogStore(this.sql);
    this.members = new MemberStore(this.sql);
    this.blocks = new BlockStore(this.sql);
    this.messages = new MessageStore(this.sql);
    this.invites = new InviteStore(this.sql);
    this.requests = new JoinRequestStore(this.sql);
    this.files = new FileLedger(this.sql, () => this.#founded?.charter.conversationId, fileTimes);
    this.meta = new MetaStore(this.sql);
    this.moderation = new ModerationStore(this.sql);
    this.#receipts = new ReceiptStore(this.sql, this.members);
    this.#founded = this.#readFounded();
    this.#end = this.log.end() ?? { head: 0, at: 0 };
  }

  /** Null until somebody founds the conversation. */
  get founded(): Founded | null {
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
      avatarFileId: null,
      settings: { ...DEFAULT_SETTINGS, ...settings },
    };
    const body: FoundedEvent["conversation"] = {
      type,
      name,
      members,
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
    this.#founded = { charter, profile, dismissedAt: null };
    this.#end = { head: 0, at: now };
  }

  /** Appends a group in one transaction. Nearly every key is new, so that is what is tried first. */
  append(appends: readonly PendingAppend[], now: number): AppendedGroup {
    if (appends.length === 1) return this.#append(appends, now, new RowsOneByOne(this.log));
    try {
      return this.#append(appends, now, new RowsTogether(this.sql, this.log));
    } catch (error) {
      if (!(error instanceof KeyTaken)) throw error;
      return this.#append(appends, now, new RowsOneByOne(this.log));
    }
  }

  /** What the rules see of the conversation; the caller has seen that it is founded. */
  get rules(): ConversationReader {
    if (this.#founded === null) throw new Error("a conversation has no rules before its founding");
    return new StoredConversation(this, this.#founded, new RowsOneByOne(this.log));
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

  /** Memory follows only after the transaction holds. */
  #append(appends: readonly PendingAppend[], now: number, rows: NewRows): AppendedGroup {
    if (this.#founded === null) throw new Error("nothing can be appended before the founding");
    const port = new StoredConversation(this, this.#founded, rows);
    try {
      const group = this.#storage.transactionSync(() => {
        const appended = appendGroup(port, this.#end, appends, now);
        rows.settle();
        return appended;
      });
      this.#end = group.end;
      const { charter, profile, dismissedAt } = port;
      this.#founded = { charter, profile, dismissedAt };
      // sending implies having read up to there; the deployment itself sends as nobody's member
      for (const row of group.rows) {
        if (row.type === "message" && this.members.find(row.senderId) !== undefined)
          this.book.move(row.senderId, { read: row.seq }, row.seq, now);
      }
      for (const effect of group.effects) {
        if (effect.type === "dropMember") this.book.forget(effect.userId);
        if (effect.type === "dismiss") this.book.forgetAll();
      }
      return group;
    } catch (error) {
      this.members.forgetAll();
      this.blocks.forget();
      throw error;
    }
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

  #readFounded(): Founded | null {
    const text = this.meta.get("charter");
    if (typeof text !== "string") return null;
    // both written by found() and configure() alone, in this shape
    const { name, ...charter } = JSON.parse(text) as Charter & { name: string | null };
    const dismissed = this.meta.number("dismissed_at", 0);
    const dismissedAt = dismissed === 0 ? null : dismissed;
    const stored = this.meta.get("profile");
    if (typeof stored !== "string") {
      const profile = { name, avatarFileId: null, settings: DEFAULT_SETTINGS };
      return { charter, profile, dismissedAt };
    }
    const profile = JSON.parse(stored) as Profile;
    // written before there was one of the settings, it stands at its default
    const settings = { ...DEFAULT_SETTINGS, ...profile.settings };
    return { charter, profile: { ...profile, settings }, dismissedAt };
  }
}
