import type {
  FileDraft,
  FileRecord,
  StoredContent,
  UploadedPart,
} from "../../core/files/file-record.ts";
import type { FileKind } from "../../core/files/media-type.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { FileId } from "../../protocol/file-id.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { Result } from "../../protocol/result.ts";
import type { Appended } from "./conversation-rpc.ts";

/**
 * Files of a conversation: it keeps what is known about them, the file store keeps their bytes. Whoever is no member
 * gets NOT_FOUND, as for a file that does not exist.
 */
export interface ConversationFilesRpc {
  /** Gives a new file its number; its bytes are still to come. Under a key of this user's it is the file begun first. */
  beginFile(userId: UserId, draft: FileDraft, key: UploadKey): Promise<Result<FileUpload, Refusal>>;
  /** Only the uploader, only while the upload is pending. */
  changeUpload(userId: UserId, n: number, change: UploadChange): Promise<Result<null, Refusal>>;
  /** An unfinished upload of this user, or the file it has become. */
  upload(userId: UserId, n: number): Promise<Result<FileUpload, Refusal>>;
  /** Makes the file readable. Idempotent: a second one answers the stored file. */
  finishFile(
    userId: UserId,
    n: number,
    content: StoredContent,
  ): Promise<Result<FileRecord, Refusal>>;
  /** A stored file. */
  file(readerId: UserId, n: number): Promise<Result<FileRecord, Refusal>>;
  /** Stored files, newest first. */
  files(readerId: UserId, query: FileQuery): Promise<Result<FilePage, Refusal>>;
  /** Soft: nobody can read it any more, and its bytes go after a grace period. Uploader or moderators. */
  deleteFile(userId: UserId, n: number): Promise<Result<Appended, Refusal>>;
  /** Which of these numbers may have bytes in the store. */
  heldFiles(ns: readonly number[]): Promise<number[]>;
}

export type UploadChange =
  /** The store knows the upload by this name. */
  | { type: "opened"; uploadId: string }
  /** A part came through the worker. */
  | ({ type: "part" } & UploadedPart)
  /** It is given up: its number is spent, and what there is of it goes with the next purge. */
  | { type: "abandoned" };

/** What makes a repeat of an upload's beginning the same upload, or the file that it has become. */
export interface UploadKey {
  key: string;
  /** One request cannot go on with what another left half done: it takes its place. */
  ifPending: "resume" | "replace";
}

export interface FileUpload {
  file: FileRecord;
  /** The store's name of it; null before it is opened and after the end. */
  uploadId: string | null;
  /** Parts that came through the worker. */
  parts: UploadedPart[];
}

export interface FileQuery {
  /** Numbers below this one. */
  before?: number;
  kind?: FileKind;
  limit: number;
}

export interface FilePage {
  files: FileRecord[];
  hasMore: boolean;
}

/** What a user's files take, over all conversations. */
export interface InboxFilesRpc {
  /** Counts a file at this size, in place of what it was counted at before; TOO_LARGE when that is over the quota. */
  reserveFile(fileId: FileId, bytes: number, quota: number): Promise<Result<null, Refusal>>;
  /** Idempotent. */
  releaseFile(fileId: FileId): Promise<void>;
}
