import {
  originalKey,
  STAGING_PREFIX,
  type FileDraft,
  type FileRecord,
} from "../../core/files/file-record.ts";
import { cleanFileName } from "../../core/files/file-name.ts";
import { cleanType } from "../../core/files/media-type.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { parseConversationId, type ConversationId, type UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import { copyObject } from "./copied-object.ts";
import { abandonFile, beginUpload } from "./file-calls.ts";
import type { FileDesk } from "./file-desk.ts";
import { fileDetails } from "./file-fields.ts";
import type { StoredObject } from "../../edge/files/file-store.ts";
import { finishFile, headOf, inspect } from "./finished-file.ts";
import { readForm, type FormPart } from "./form-reader.ts";
import { ObjectWriter, type Written } from "./object-writer.ts";

export interface FormUpload {
  file: FileRecord;
  /** The text fields of the form. */
  fields: ReadonlyMap<string, string>;
  /** The file is that of an earlier request under the same key. */
  repeated: boolean;
}

/** Which field of the form is the file, and where its conversation is named if not in the form. */
interface FormShape {
  fileField: string;
  /** What makes a repeat the same file. */
  key: string;
  conversationId?: ConversationId;
  /** Refuses fields, by throwing, before the file is kept. */
  check?: (fields: ReadonlyMap<string, string>) => void;
}

type Arrived = NewUpload | { type: "known"; file: FileRecord };

interface NewUpload {
  type: "written";
  draft: Pick<FileDraft, "name" | "mimeType">;
  written: Written;
  /** Begun already when the form named its conversation before the file. */
  file: FileRecord | null;
  stagingKey: string;
}

/** A file in the body of a request, streamed into the store as it arrives. */
export async function uploadForm(
  request: Request,
  desk: FileDesk,
  userId: UserId,
  shape: FormShape,
): Promise<FormUpload> {
  const most = bodyBytes(request);
  const fields = new Map<string, string>();
  let arrived: Arrived | null = null;
  try {
    for await (const part of readForm(request)) {
      if (part.type === "field") fields.set(part.name, part.value);
      else if (part.name === shape.fileField && arrived === null) {
        const conversationId = conversationOf(shape, fields);
        arrived = await receive(part, { desk, userId, shape, conversationId, fields, most });
      }
    }
    if (arrived === null) throw missing(shape.fileField);
    shape.check?.(fields);
    if (arrived.type === "known") return { file: arrived.file, fields, repeated: true };
    const file = arrived.file ?? (await begin(arrived, { desk, userId, shape, fields }));
    if (file.state === "stored") return { file, fields, repeated: true };
    const stored = await store(arrived, file, { desk, userId, fields });
    return { file: stored, fields, repeated: false };
  } catch (error) {
    const file = arrived?.type === "written" ? arrived.file : null;
    if (file !== null) await abandonFile(desk.env, userId, file);
    throw error;
  } finally {
    if (arrived?.type === "written" && arrived.file === null && arrived.written.type === "object") {
      await desk.store.delete(arrived.stagingKey);
    }
  }
}

/** What the body may hold at most, by its Content-Length: nothing is counted against a quota that cannot come. */
function bodyBytes(request: Request): number {
  const length = request.headers.get("content-length");
  const bytes = length === null ? LIMITS.formBytes : Number(length);
  if (Number.isSafeInteger(bytes) && bytes <= LIMITS.formBytes) return bytes;
  const message = `an upload is at most ${LIMITS.formBytes} bytes here; use /files/presign for more`;
  throw new RefusedError(refusal("TOO_LARGE", message));
}

async function receive(
  part: Extract<FormPart, { type: "file" }>,
  {
    desk,
    userId,
    shape,
    conversationId,
    fields,
    most,
  }: {
    desk: FileDesk;
    userId: UserId;
    shape: FormShape;
    conversationId: ConversationId | null;
    fields: ReadonlyMap<string, string>;
    most: number;
  },
): Promise<Arrived> {
  const draft = { name: cleanFileName(part.fileName), mimeType: cleanType(part.mimeType) };
  const whole = { ...draft, size: most, details: fileDetails(fields) };
  // begun before a byte is stored, so that whoever may not upload here stores none
  const file =
    conversationId === null ? null : await beginKeyed(desk, userId, shape, conversationId, whole);
  if (file?.state === "stored") return { type: "known", file };
  const stagingKey = `${STAGING_PREFIX}${crypto.randomUUID()}`;
  const key = file === null ? stagingKey : originalKey(file);
  const writer = new ObjectWriter(desk.store, { key, mimeType: draft.mimeType }, most);
  try {
    return { type: "written", draft, written: await writer.writeAll(part.body), file, stagingKey };
  } catch (error) {
    if (file !== null) await abandonFile(desk.env, userId, file);
    throw error;
  }
}

async function begin(
  { draft, written }: NewUpload,
  {
    desk,
    userId,
    shape,
    fields,
  }: { desk: FileDesk; userId: UserId; shape: FormShape; fields: ReadonlyMap<string, string> },
): Promise<FileRecord> {
  const conversationId = conversationOf(shape, fields);
  if (conversationId === null) throw missing("conversationId");
  const size = written.type === "short" ? written.bytes.length : written.object.size;
  const whole = { ...draft, size, details: fileDetails(fields) };
  return beginKeyed(desk, userId, shape, conversationId, whole);
}

/** A new file, or the one that an earlier request stored under the key. */
async function beginKeyed(
  desk: FileDesk,
  userId: UserId,
  { key }: FormShape,
  conversationId: ConversationId,
  draft: FileDraft,
): Promise<FileRecord> {
  const wanted = { conversationId, draft, key: { key, ifPending: "replace" as const } };
  return (await beginUpload(desk, userId, wanted)).file;
}

async function store(
  { draft, written, file: begun, stagingKey }: NewUpload,
  file: FileRecord,
  { desk, userId, fields }: { desk: FileDesk; userId: UserId; fields: ReadonlyMap<string, string> },
): Promise<FileRecord> {
  const key = originalKey(file);
  const said = { mimeType: draft.mimeType, details: fileDetails(fields) };
  if (written.type === "short") {
    const inspected = inspect(said, written.bytes);
    const object = await desk.store.put(key, written.bytes, inspected.mimeType);
    return finishFile(desk, userId, file, object, inspected);
  }
  const writtenKey = begun === null ? stagingKey : key;
  const inspected = inspect(said, await headOf(desk, writtenKey, written.object));
  const object =
    begun === null ? await move(desk, stagingKey, key, inspected.mimeType) : written.object;
  return finishFile(desk, userId, file, object, inspected);
}

/** To where a file belongs that came before its conversation was named. */
async function move(
  { store }: FileDesk,
  from: string,
  key: string,
  mimeType: string,
): Promise<StoredObject> {
  const moved = await copyObject(store, { key: from }, { key, mimeType });
  if (moved === null) throw new Error("a staged upload is gone");
  return moved;
}

function conversationOf(
  { conversationId }: FormShape,
  fields: ReadonlyMap<string, string>,
): ConversationId | null {
  if (conversationId !== undefined) return conversationId;
  const named = fields.get("conversationId");
  return named === undefined ? null : accept(parseConversationId(named));
}

function missing(field: string): RefusedError {
  const problems = [{ field, problem: "is missing" }];
  return new RefusedError(refusal("MISSING_DATA", `${field} is missing`, problems));
}
