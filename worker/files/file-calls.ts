import type { FileDraft, FileRecord } from "../../core/files/file-record.ts";
import { fileIdOf, type FileAddress } from "../../protocol/file-id.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type {
  ConversationFilesRpc,
  FileUpload,
  InboxFilesRpc,
  UploadKey,
} from "../../edge/rpc/files-rpc.ts";
import { callWithin } from "../../edge/calls/call.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { Result } from "../../protocol/result.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import { accept } from "../../edge/refused-error.ts";
import type { FileDesk } from "./file-desk.ts";

const INBOX_TIMEOUT_MS = 5_000;

/** Asks the file's conversation; out of the route with its refusal. */
export async function askConversation<T>(
  env: Env,
  { conversationId }: { conversationId: ConversationId },
  ask: (conversation: ConversationFilesRpc) => Promise<Result<T, Refusal>>,
): Promise<T> {
  return accept(await callConversation(env, conversationId, ask));
}

/** A number for a new file, once its size is within the user's quota. */
export async function beginFile(
  desk: FileDesk,
  userId: UserId,
  conversationId: ConversationId,
  draft: FileDraft,
): Promise<FileRecord> {
  const key = { key: crypto.randomUUID(), ifPending: "resume" as const };
  return (await beginUpload(desk, userId, { conversationId, draft, key })).file;
}

/** The same, or the upload that this user began under the key before. */
export async function beginUpload(
  { env, settings }: FileDesk,
  userId: UserId,
  {
    conversationId,
    draft,
    key,
  }: { conversationId: ConversationId; draft: FileDraft; key: UploadKey },
): Promise<FileUpload> {
  const upload = await askConversation(env, { conversationId }, (stub) =>
    stub.beginFile(userId, draft, key),
  );
  if (isOpened(upload)) return upload;
  const { file } = upload;
  try {
    await reserve(env, userId, file, file.size, settings.quotaBytes);
  } catch (error) {
    await abandonFile(env, userId, file);
    throw error;
  }
  return upload;
}

/** Whether an earlier request got so far that the store knows of the upload; its bytes are counted by then. */
export function isOpened({ file, uploadId }: FileUpload): boolean {
  return uploadId !== null || file.state === "stored";
}

/** Gives up an upload: what there is of it goes with the next purge. */
export async function abandonFile(env: Env, userId: UserId, file: FileAddress): Promise<void> {
  await askConversation(env, file, (stub) =>
    stub.changeUpload(userId, file.n, { type: "abandoned" }),
  );
}

/** Counts a file at this many bytes of its uploader's quota. */
export async function reserve(
  env: Env,
  userId: UserId,
  file: FileAddress,
  bytes: number,
  quota: number,
): Promise<void> {
  const inbox: InboxFilesRpc = env.INBOX.getByName(userId);
  const call = inbox.reserveFile(fileIdOf(file), bytes, quota);
  accept(await callWithin(INBOX_TIMEOUT_MS, call));
}
