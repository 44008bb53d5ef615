import type { Invite } from "../../core/invite.ts";
import type { JoinRequest } from "../../core/join-request.ts";
import type {
  Charter,
  Effect,
  MemberRecord,
  Profile,
  StoredMessage,
} from "../../core/conversation.ts";
import type { LogRow } from "../../core/event-text.ts";
import {
  appendGroup,
  type AppendedGroup,
  type ConversationPort,
  type LogEnd,
  type PendingAppend,
  type Stored,
} from "../../core/sequencer.ts";
import type { ConversationType } from "../../protocol/event.ts";
import type { FileRecord } from "../../core/files/file-record.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import type { Role } from "../../protocol/member.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../protocol/settings.ts";

interface MessageState extends StoredMessage {
  mentions: string[];
  attachments: string[];
  versions: string[];
  reporters: Set<string>;
  reactions: Map<string, Set<string>>;
}

interface Said {
  type: string;
  content: string;
  attachments?: string[];
}

/** The port of the sequencer on plain maps: the simplest thing that keeps the rules' promises. */
export class MemoryConversation implements ConversationPort {
  readonly charter: Charter;
  profile: Profile;
  readonly rows: LogRow[] = [];
  readonly messages = new Map<number, MessageState>();
  readonly files = new Map<number, FileRecord>();
  readonly members = new Map<string, MemberRecord>();
  readonly banned = new Set<string>();
  readonly keptMutes = new Map<string, number>();
  readonly blocks = new Set<string>();
  /** By their secrets. */
  readonly invites = new Map<string, Invite>();
  readonly requests = new Map<string, JoinRequest>();
  dismissedAt: number | null = null;
  readonly staffNotices: number[] = [];
  #end: LogEnd = { head: 0, at: 0 };

  constructor(
    roles: Record<string, Role>,
    options: { type?: ConversationType; settings?: Partial<Settings> } = {},
  ) {
    const id = parseConversationId("team-1");
    if (!id.ok) throw new Error(id.error.message);
    const type = options.type ?? "group";
    this.charter = { conversationId: id.value, type, createdAt: 0, epoch: "e1" };
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.profile = { name: "Team", avatarFileId: null, settings };
    for (const [userId, role] of Object.entries(roles)) {
      const founding = { joinedAt: 0, joinedSeq: 0, historyFrom: 0, mutedUntil: 0 };
      this.members.set(userId, { userId, name: userId, role, ...founding });
    }
  }

  get head(): number {
    return this.#end.head;
  }

  append(appends: readonly PendingAppend[], now: number): AppendedGroup {
    const group = appendGroup(this, this.#end, appends, now);
    this.#end = group.end;
    return group;
  }

  insert(row: LogRow): boolean {
    const { senderId, clientMessageId } = row;
    if (clientMessageId !== null && this.find(senderId, clientMessageId) !== undefined)
      return false;
    this.rows.push(row);
    if (row.type !== "message") return true;
    const { type, content, attachments = [] }: Said = JSON.parse(row.body);
    const mentions: string[] = JSON.parse(row.mentions ?? "[]");
    const { seq, at, version, deletedAt } = row;
    const reporters = new Set<string>();
    const beside = { mentions, attachments, versions: [], reporters, reactions: new Map() };
    this.messages.set(seq, { seq, at, senderId, type, content, version, deletedAt, ...beside });
    return true;
  }

  find(senderId: string, clientMessageId: string): Stored | undefined {
    const row = this.rows.find(
      (each) => each.senderId === senderId && each.clientMessageId === clientMessageId,
    );
    return row === undefined ? undefined : { seq: row.seq, at: row.at };
  }

  member(userId: string): MemberRecord | undefined {
    return this.members.get(userId);
  }

  keptMute(userId: string): number {
    return this.keptMutes.get(userId) ?? 0;
  }

  isBanned(userId: string): boolean {
    return this.banned.has(userId);
  }

  invite(secret: string): Invite | undefined {
    return this.invites.get(secret);
  }

  request(userId: string): JoinRequest | undefined {
    return this.requests.get(userId);
  }

  memberCount(): number {
    return this.members.size;
  }

  countRole(role: Role): number {
    return [...this.members.values()].filter((member) => member.role === role).length;
  }

  message(seq: number): StoredMessage | undefined {
    return this.messages.get(seq);
  }

  hasReaction(seq: number, userId: string, emoji: string): boolean {
    return this.messages.get(seq)?.reactions.get(emoji)?.has(userId) ?? false;
  }

  emojiCount(seq: number): number {
    return this.messages.get(seq)?.reactions.size ?? 0;
  }

  hasReported(seq: number, userId: string): boolean {
    return this.messages.get(seq)?.reporters.has(userId) ?? false;
  }

  reportCount(seq: number): number {
    return this.messages.get(seq)?.reporters.size ?? 0;
  }

  isBlocked(senderId: string): boolean {
    return (
      this.charter.type === "direct" &&
      [...this.blocks].some((pair) => pair.endsWith(`>${senderId}`))
    );
  }

  file(n: number): FileRecord | undefined {
    return this.files.get(n);
  }

  isFileInSight({ userId, joinedAt, historyFrom }: MemberRecord, n: number): boolean {
    const file = this.files.get(n);
    if (historyFrom === 0 || file?.uploaderId === userId) return true;
    return (
      (file?.createdAt ?? 0) >= joinedAt || this.messagesNaming(n).some((seq) => seq > historyFrom)
    );
  }

  messagesNaming(n: number): number[] {
    const fileId = fileIdOf({ ...this.charter, n });
    return [...this.messages.values()]
      .filter(({ attachments }) => attachments.includes(fileId))
      .map(({ seq }) => seq)
      .toReversed();
  }

  filesNamedOnlyBy(seqs: readonly number[]): FileRecord[] {
    return [...this.files.values()].filter(({ n, state }) => {
      const naming = this.messagesNaming(n);
      return state === "stored" && naming.length > 0 && naming.every((seq) => seqs.includes(seq));
    });
  }

  lastSentAt(userId: string, since: number): number | undefined {
    const own = this.rows.filter((row) => row.type === "message" && row.senderId === userId);
    const last = own.at(-1)?.at;
    return last !== undefined && last > since ? last : undefined;
  }

  apply(effect: Effect, row: LogRow): void {
    switch (effect.type) {
      case "putMember":
        this.members.set(effect.member.userId, effect.member);
        this.keptMutes.delete(effect.member.userId);
        return;
      case "dropMember":
        this.keptMutes.set(effect.userId, this.members.get(effect.userId)?.mutedUntil ?? 0);
        this.members.delete(effect.userId);
        for (const pair of this.blocks) {
          if (pair.startsWith(`${effect.userId}>`)) this.blocks.delete(pair);
        }
        return;
      case "ban":
        if (effect.active) this.banned.add(effect.userId);
        else this.banned.delete(effect.userId);
        return;
      case "useInvite": {
        const invite = this.invites.get(effect.secret);
        if (invite !== undefined) invite.uses += 1;
        return;
      }
      case "closeRequest":
        this.requests.delete(effect.userId);
        return;
      case "dismiss":
        this.dismissedAt = row.at;
        this.members.clear();
        this.blocks.clear();
        this.requests.clear();
        return;
      case "configure":
        this.profile = effect.profile;
        return;
      case "rewrite":
        return this.#change(effect.seq, { content: effect.content, version: effect.version });
      case "erase":
        return this.#change(effect.seq, {
          content: "",
          deletedAt: row.at,
          mentions: [],
          attachments: [],
        });
      case "react":
        return this.#react(effect.seq, effect.userId, effect.emoji, effect.active);
      case "storeFile":
        return this.#changeFile(effect.n, { ...effect.content, state: "stored" });
      case "deleteFile":
        return this.#changeFile(effect.n, { state: "deleted" });
      case "report":
        this.messages.get(effect.seq)?.reporters.add(effect.userId);
        return;
      case "flag":
        Object.assign(this.messages.get(effect.seq) ?? {}, { flag: effect.flag });
        return;
      case "tellStaff":
        this.staffNotices.push(row.seq);
        return;
    }
  }

  #changeFile(n: number, changed: Partial<FileRecord>): void {
    const file = this.files.get(n);
    if (file === undefined) throw new Error("no such file");
    this.files.set(n, { ...file, ...changed });
  }

  #change(seq: number, changed: Partial<MessageState>): void {
    const message = this.messages.get(seq);
    if (message === undefined) throw new Error("no such message");
    message.versions.push(message.content);
    Object.assign(message, changed);
  }

  #react(seq: number, userId: string, emoji: string, active: boolean): void {
    const reactions = this.messages.get(seq)?.reactions;
    const users = reactions?.get(emoji) ?? new Set();
    if (active) users.add(userId);
    else users.delete(userId);
    if (users.size === 0) reactions?.delete(emoji);
    else reactions?.set(emoji, users);
  }
}
