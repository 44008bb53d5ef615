import { originalKey, type FileRecord } from "../../core/files/file-record.ts";
import { isImageType } from "../../core/files/image-header.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { fileIdOf, parseFileId } from "../../protocol/file-id.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { changeConversation } from "../calls/changing.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import { copyObject } from "./copied-object.ts";
import { abandonFile, askConversation, beginFile } from "./file-calls.ts";
import type { FileDesk } from "./file-desk.ts";
import { finishFile } from "./finished-file.ts";

/** A picture that somebody may read in one conversation and wants to show in another. */
export async function readPicture(
  desk: FileDesk,
  userId: UserId,
  fileId: string,
): Promise<FileRecord & { etag: string }> {
  const address = accept(parseFileId(fileId));
  const file = await askConversation(desk.env, address, (stub) => stub.file(userId, address.n));
  const { etag, mimeType } = file;
  if (etag !== null && isImageType(mimeType)) return { ...file, etag };
  throw new RefusedError(refusal("INVALID_DATA", "the picture is no image"));
}

/**
 * Gives a conversation a copy of a picture. A file is read by the members of its own conversation alone, so the picture
 * of one has to be among its files. Rule FIL-14.
 */
export async function adoptPicture(
  desk: FileDesk,
  userId: UserId,
  conversationId: ConversationId,
  picture: FileRecord & { etag: string },
): Promise<void> {
  const { name, mimeType, size, details, etag } = picture;
  const copy = await beginFile(desk, userId, conversationId, { name, mimeType, size, details });
  try {
    const source = { key: originalKey(picture), etag };
    const object = await copyObject(desk.store, source, { key: originalKey(copy), mimeType });
    if (object === null) throw new RefusedError(refusal("NOT_FOUND", "no such file"));
    await finishFile(desk, userId, copy, object, { mimeType, details });
  } catch (error) {
    await abandonFile(desk.env, userId, copy);
    throw error;
  }
  const change = { type: "configure" as const, change: { avatarFileId: fileIdOf(copy) } };
  await changeConversation(desk.env, conversationId, { userId, key: crypto.randomUUID() }, change);
}
