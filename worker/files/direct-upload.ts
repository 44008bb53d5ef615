import {
  originalKey,
  type FileDraft,
  type FileRecord,
  type UploadedPart,
} from "../../core/files/file-record.ts";
import { partBytesFor, planParts, type PlannedPart } from "../../core/files/part-plan.ts";
import type { FileUpload } from "../../edge/rpc/files-rpc.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { fileIdOf, type FileAddress } from "../../protocol/file-id.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { abandonFile, askConversation, beginUpload, isOpened } from "./file-calls.ts";
import type { FileDesk } from "./file-desk.ts";
import type { StoredObject, Upload } from "../../edge/files/file-store.ts";
import { finishFile, headOf, inspect } from "./finished-file.ts";

/**
 * Uploads that go to the store in parts, each by a signed URL of its own: one part up to `singlePutBytes`. Also a single
 * PUT is a part, because its URL dies when the upload is finished; that of a plain object could replace what was checked.
 */
export async function presignUpload(
  desk: FileDesk,
  userId: UserId,
  wanted: { conversationId: ConversationId; draft: FileDraft; key: string },
) {
  const key = { key: wanted.key, ifPending: "resume" as const };
  const begun = await beginUpload(desk, userId, { ...wanted, key });
  if (isOpened(begun)) return { repeated: true, plan: await uploadAnswer(desk, userId, begun) };
  const { file } = begun;
  const started = await desk.store.startUpload(originalKey(file), file.mimeType);
  const opened = await callConversation(desk.env, file.conversationId, (stub) =>
    stub.changeUpload(userId, file.n, { type: "opened", uploadId: started.uploadId }),
  );
  if (!opened.ok) {
    // a repeat under the same key was faster: the upload is the one that it opened
    await desk.store.abortUpload(started);
    return { repeated: true, plan: await resumeUpload(desk, userId, file) };
  }
  const { uploadId } = started;
  return { repeated: false, plan: await uploadAnswer(desk, userId, { ...begun, uploadId }) };
}

/** What is missing of an upload, with fresh URLs: to go on after an interruption. */
export async function resumeUpload(desk: FileDesk, userId: UserId, address: FileAddress) {
  const upload = await askConversation(desk.env, address, (stub) => stub.upload(userId, address.n));
  return uploadAnswer(desk, userId, upload);
}

/** Stores one part that comes through the worker, without holding it. */
export async function carryPart(
  { env, store }: FileDesk,
  userId: UserId,
  address: FileAddress,
  { part, body }: { part: number; body: ReadableStream<Uint8Array> },
): Promise<UploadedPart> {
  const upload = await askConversation(env, address, (stub) => stub.upload(userId, address.n));
  if (store.partDoor.type !== "carried" || upload.uploadId === null) {
    throw new RefusedError(refusal("NOT_FOUND", "no such upload"));
  }
  const { uploadId } = upload;
  const stored = await store.partDoor.putStream(
    { key: originalKey(address), uploadId },
    part,
    body,
  );
  await askConversation(env, address, (stub) =>
    stub.changeUpload(userId, address.n, { type: "part", ...stored }),
  );
  return stored;
}

/** Makes the parts a file, after its size and type were checked once more on what really came. Idempotent. */
export async function completeUpload(
  desk: FileDesk,
  userId: UserId,
  address: FileAddress,
): Promise<FileRecord> {
  const upload = await askConversation(desk.env, address, (stub) => stub.upload(userId, address.n));
  const { file, uploadId } = upload;
  if (file.state === "stored") return file;
  if (uploadId === null) throw new RefusedError(refusal("CONFLICT", "the upload has no parts"));
  const key = originalKey(file);
  const parts = await partsOf(desk, upload, { key, uploadId });
  const missing = missingParts(file, parts);
  const finished =
    missing.length === 0 ? await desk.store.finishUpload({ key, uploadId }, parts) : null;
  // an earlier call may have finished it and not lived to say so
  const object = finished ?? (await desk.store.head(key));
  if (object === null) {
    const message = `${missing.length} parts of the upload are missing`;
    throw new RefusedError(refusal("CONFLICT", message));
  }
  try {
    requireSize(file, object);
    const inspected = inspect(file, await headOf(desk, key, object));
    return await finishFile(desk, userId, file, object, inspected);
  } catch (error) {
    if (error instanceof RefusedError) {
      await abandonFile(desk.env, userId, file);
    }
    throw error;
  }
}

async function uploadAnswer(desk: FileDesk, userId: UserId, upload: FileUpload) {
  const { file, uploadId } = upload;
  const partBytes = partBytesFor(file.size);
  const expiresAt = isoTime(Date.now() + LIMITS.uploadUrlSeconds * 1_000);
  const state = file.state === "stored" ? ("stored" as const) : ("pending" as const);
  const answer = { fileId: fileIdOf(file), state, size: file.size, partBytes, expiresAt };
  if (uploadId === null) return { ...answer, uploadedParts: [], parts: [], url: null };
  const target = { key: originalKey(file), uploadId };
  const there = await partsOf(desk, upload, target);
  const parts = [];
  for (const planned of missingParts(file, there)) {
    parts.push(await partAnswer(desk, userId, { file, target, planned }));
  }
  const isSingle = file.size <= partBytes;
  return {
    ...answer,
    uploadedParts: there.map(({ part }) => part),
    parts,
    /** Of an upload in one part. */
    url: isSingle ? (parts[0]?.url ?? null) : null,
  };
}

async function partAnswer(
  { store, urls }: FileDesk,
  userId: UserId,
  { file, target, planned }: { file: FileRecord; target: Upload; planned: PlannedPart },
) {
  const { part, offset, length } = planned;
  const url =
    store.partDoor.type === "presigned"
      ? await store.partDoor.urlFor(target, planned, LIMITS.uploadUrlSeconds)
      : await urls.part(userId, file, part, length);
  return { partNumber: part, method: "PUT" as const, url, offset, size: length };
}

/** The store's own list where it has one; else what the conversation remembers. */
async function partsOf(
  { store }: FileDesk,
  upload: FileUpload,
  target: Upload,
): Promise<UploadedPart[]> {
  return (await store.listParts(target)) ?? upload.parts;
}

function missingParts(file: FileRecord, parts: readonly UploadedPart[]): PlannedPart[] {
  const there = new Set(parts.map(({ part }) => part));
  return planParts(file.size, partBytesFor(file.size)).filter(({ part }) => !there.has(part));
}

function requireSize(file: FileRecord, object: StoredObject): void {
  if (object.size === file.size) return;
  const message = `the upload has ${object.size} bytes instead of ${file.size}`;
  throw new RefusedError(refusal("INVALID_DATA", message));
}
