import type { FileDraft, FileRecord } from "../../core/files/file-record.ts";
import { fileIdOf, type FileAddress } from "../../protocol/file-id.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { ConversationFilesRpc, InboxFilesRpc } from "../../durable-objects/rpc.ts";
import { callWithin } from "../../durable-objects/call.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { Result } from "../../protocol/result.ts";
import { callConversation } from "../conversation-stub.ts";
import type { Env } from "../env.ts";
import { accept } from "../refused-error.ts";
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
  { env, settings }: FileDesk,
  userId: UserId,
  conversationId: ConversationId,
  draft: FileDraft,
): Promise<FileRecord> {
  const file = await askConversation(env, { conversationId }, (stub) =>
    stub.beginFile(userId, draft),
  );
  try {
    await reserve(env, userId, file, draft.size, settings.quotaBytes);
  } catch (error) {
    await abandonFile(env, userId, file);
    throw error;
  }
  return file;
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
