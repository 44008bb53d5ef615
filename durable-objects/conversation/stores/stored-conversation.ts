import { fileReader } from "../../../core/changes/file-changes.ts";
import type { Invite } from "../../../core/invite.ts";
import type { JoinRequest } from "../../../core/join-request.ts";
import type { Charter, Effect, MemberRecord, Profile } from "../../../core/conversation.ts";
import type { LogRow } from "../../../core/event-text.ts";
import type { ConversationPort } from "../../../core/sequencer.ts";
import { fileIdOf } from "../../../protocol/file-id.ts";
import type { ConversationState, Founded } from "../conversation-state.ts";
import type { NewRows } from "./new-rows.ts";

/** The port of the sequencer on the object's SQLite. */
export class StoredConversation implements ConversationPort {
  readonly charter: Charter;
  profile: Profile;
  dismissedAt: number | null;
  readonly #state: ConversationState;
  readonly #newRows: NewRows;

  constructor(
    state: ConversationState,
    { charter, profile, dismissedAt }: Founded,
    newRows: NewRows,
  ) {
    this.#state = state;
    this.#newRows = newRows;
    this.charter = charter;
    this.profile = profile;
    this.dismissedAt = dismissedAt;
  }

  insert(row: LogRow): boolean {
    const isNew = this.#newRows.insert(row);
    if (isNew) this.#state.files.refer(row, (n) => this.#isShownTo(row.senderId, n));
    return isNew;
  }

  find(senderId: string, clientMessageId: string) {
    this.#newRows.settle();
    return this.#state.log.find(senderId, clientMessageId);
  }

  /** The deployment itself is no member, and sees every file. */
  #isShownTo(senderId: string, n: number): boolean {
    const sender = this.member(senderId);
    return sender === undefined || this.isFileInSight(sender, n);
  }

  member(userId: string): MemberRecord | undefined {
    return this.#state.members.find(userId);
  }

  isBanned(userId: string): boolean {
    return this.#state.members.isBanned(userId);
  }

  keptMute(userId: string): number {
    return this.#state.members.keptMute(userId);
  }

  invite(secret: string): Invite | undefined {
    return this.#state.invites.bySecret(secret);
  }

  request(userId: string): JoinRequest | undefined {
    return this.#state.requests.of(userId);
  }

  memberCount(): number {
    return this.#state.members.count();
  }

  countRole(role: MemberRecord["role"]): number {
    return this.#state.members.countRole(role);
  }

  message(seq: number) {
    this.#newRows.settle();
    return this.#state.log.message(seq);
  }

  hasReaction(seq: number, userId: string, emoji: string): boolean {
    this.#newRows.settle();
    return this.#state.messages.hasReaction(seq, userId, emoji);
  }

  emojiCount(seq: number): number {
    this.#newRows.settle();
    return this.#state.messages.emojiCount(seq);
  }

  hasReported(seq: number, userId: string): boolean {
    return this.#state.moderation.hasReported(seq, userId);
  }

  reportCount(seq: number): number {
    return this.#state.moderation.reportCount(seq);
  }

  isBlocked(senderId: string): boolean {
    return this.charter.type === "direct" && this.#state.blocks.blockersOf(senderId).size > 0;
  }

  file(n: number) {
    return this.#state.files.file(n);
  }

  isFileInSight(member: MemberRecord, n: number): boolean {
    return this.#state.files.isInSight(fileReader(this, member), n);
  }

  messagesNaming(n: number): number[] {
    return this.#state.files.messagesNaming(n);
  }

  filesNamedOnlyBy(seqs: readonly number[]) {
    return this.#state.files.namedOnlyBy(seqs);
  }

  lastSentAt(userId: string, since: number): number | undefined {
    this.#newRows.settle();
    return this.#state.log.lastSentAt(userId, since);
  }

  apply(effect: Effect, row: LogRow): void {
    this.#newRows.settle();
    const { log, members, blocks, messages, meta, files, invites, requests, moderation } =
      this.#state;
    switch (effect.type) {
      case "putMember":
        return members.put(effect.member);
      case "dropMember":
        blocks.drop(effect.userId);
        return members.drop(effect.userId);
      case "ban":
        return members.ban(effect.userId, effect.active);
      case "useInvite":
        return invites.use(effect.secret);
      case "closeRequest":
        return requests.close(effect.userId);
      case "dismiss":
        this.dismissedAt = row.at;
        members.dropAll();
        blocks.dropAll();
        requests.closeAll();
        return meta.set("dismissed_at", row.at);
      case "configure":
        this.profile = effect.profile;
        return meta.set("profile", JSON.stringify(effect.profile));
      case "rewrite":
        this.#keepVersion(effect.seq, row);
        return log.rewrite(effect.seq, effect.content, effect.version, row.at);
      case "erase": {
        const edits = messages.edits(effect.seq);
        this.#keepVersion(effect.seq, row);
        files.release(effect.seq, row.at);
        return log.erase(effect.seq, row.at, edits);
      }
      case "react":
        return messages.react(effect.seq, effect.userId, effect.emoji, effect.active, row.at);
      case "storeFile":
        return files.store(effect.n, effect.content, row.at);
      case "deleteFile":
        files.delete(effect.n, row.at);
        return log.markDeleted(effect.targets, fileIdOf({ ...this.charter, n: effect.n }));
      case "report":
        return moderation.report(effect.seq, effect.userId);
      case "flag":
        return log.flag(effect.seq, effect.flag);
      case "tellStaff":
        return moderation.tellStaff(row.seq);
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
