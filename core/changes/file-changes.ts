import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fileIdOf, parseFileId } from "../../protocol/file-id.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import {
  UNCHANGED,
  type Consequence,
  type ConversationReader,
  type Decision,
  type MemberRecord,
} from "../conversation.ts";
import type { FileRecord, StoredContent } from "../files/file-record.ts";
import { isImageType } from "../files/image-header.ts";
import { isAtLeast } from "../permissions.ts";
import type { Actor } from "./change.ts";
import {
  isAllowed,
  mayWrite,
  NO_SUCH_CONVERSATION,
  NO_SUCH_FILE,
  requireMember,
} from "./write-rules.ts";

/** Whether a member may put a file into the conversation just now: who may not send may not. Rule FIL-13. */
export function mayUpload(
  conversation: ConversationReader,
  member: MemberRecord,
  now: number,
): Refusal | null {
  const { send } = conversation.profile.settings;
  if (!isAtLeast(member.role, send)) return refusal("FORBIDDEN", `only ${send}s may send here`);
  return mayWrite(conversation, member, now);
}

/** An upload of one's own becomes a file that members can read. Rule FIL-13. */
export function decideStoreFile(
  conversation: ConversationReader,
  actor: Actor,
  { n, content }: { n: number; content: StoredContent },
  now: number,
): Result<Decision, Refusal> {
  const member = requireMember(conversation, actor);
  if (!member.ok) return member;
  const file = conversation.file(n);
  if (file?.uploaderId !== actor.userId) return fail(NO_SUCH_FILE);
  if (file.state === "stored") return ok(UNCHANGED);
  if (file.state !== "pending") return fail(NO_SUCH_FILE);
  const refused = mayUpload(conversation, member.value, now);
  if (refused !== null) return fail(refused);
  const { mimeType, size } = content;
  return ok({
    type: "append",
    event: { type: "fileUploaded", fileId: fileIdOf(file), mimeType, size },
    effects: [{ type: "storeFile", n, content }],
  });
}

/** Takes a file away for everyone: its uploader may, and moderators. Rule FIL-13. */
export function decideDeleteFile(
  conversation: ConversationReader,
  actor: Actor,
  { n }: { n: number },
): Result<Decision, Refusal> {
  const member = conversation.member(actor.userId);
  if (member === undefined && actor.authority === "member") return fail(NO_SUCH_CONVERSATION);
  const file = conversation.file(n);
  if (file === undefined || file.state === "purged" || file.state === "pending") {
    return fail(NO_SUCH_FILE);
  }
  const isOwn = file.uploaderId === actor.userId;
  if (!isOwn && !isAllowed(member, actor, "deleteOthersMessages")) {
    return fail(refusal("FORBIDDEN", "only its uploader or a moderator may delete a file"));
  }
  if (file.state === "deleted") return ok(UNCHANGED);
  const further = isPicture(conversation, file) ? [noPicture(conversation)] : [];
  return ok({ type: "append", ...gone(file, conversation.messagesNaming(n)), further });
}

/** What follows when the messages at `seqs` go: the files that nothing else refers to go with them. Rule FIL-9. */
export function filesGoneWith(
  conversation: ConversationReader,
  seqs: readonly number[],
): Consequence[] {
  return conversation
    .filesNamedOnlyBy(seqs)
    .filter((file) => !isPicture(conversation, file))
    .map((file) => gone(file, []));
}

/**
 * A conversation's picture is an image of its own, so that whoever sees the one may see the other; and one that whoever
 * chooses it sees already, since every member sees the picture. Rule FIL-14.
 */
export function refusePicture(
  conversation: ConversationReader,
  me: MemberRecord | undefined,
  fileId: string,
): Refusal | null {
  const file = ownFile(conversation, fileId);
  const isImage = file?.state === "stored" && isImageType(file.mimeType);
  if (isImage && (me === undefined || conversation.isFileInSight(me, file.n))) return null;
  return refusal("INVALID_DATA", "the picture is no image of this conversation");
}

/** What follows when another picture takes its place: the file goes, unless a message names it. Rule FIL-14. */
export function pictureReplaced(conversation: ConversationReader): Consequence[] {
  const picture = pictureNumber(conversation);
  const file = picture === null ? undefined : conversation.file(picture);
  if (file?.state !== "stored" || conversation.messagesNaming(file.n).length > 0) return [];
  return [gone(file, [])];
}

/** A member as files are shown to him, with the number of the one that every member sees: the conversation's picture. */
export interface FileReader extends Pick<MemberRecord, "userId" | "joinedAt" | "historyFrom"> {
  picture: number | null;
}

export function fileReader(
  conversation: ConversationReader,
  { userId, joinedAt, historyFrom }: MemberRecord,
): FileReader {
  return { userId, joinedAt, historyFrom, picture: pictureNumber(conversation) };
}

function gone(file: FileRecord, targets: number[]): Consequence {
  return {
    event: { type: "fileDeleted", fileId: fileIdOf(file), targets },
    effects: [{ type: "deleteFile", n: file.n, targets }],
  };
}

function noPicture({ profile }: ConversationReader): Consequence {
  return {
    event: { type: "settings", settings: { avatarFileId: null } },
    effects: [{ type: "configure", profile: { ...profile, avatarFileId: null } }],
  };
}

function isPicture({ profile }: ConversationReader, file: FileRecord): boolean {
  return profile.avatarFileId === fileIdOf(file);
}

function ownFile(conversation: ConversationReader, fileId: string): FileRecord | undefined {
  const n = ownNumber(conversation, fileId);
  return n === null ? undefined : conversation.file(n);
}

function pictureNumber(conversation: ConversationReader): number | null {
  const { avatarFileId } = conversation.profile;
  return avatarFileId === null ? null : ownNumber(conversation, avatarFileId);
}

/** The file's number here; null for one of another conversation. */
function ownNumber({ charter }: ConversationReader, fileId: string): number | null {
  const address = parseFileId(fileId);
  return address.ok && address.value.conversationId === charter.conversationId
    ? address.value.n
    : null;
}
