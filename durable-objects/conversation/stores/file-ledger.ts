import type { FileTimes } from "../../../edge/files/file-settings.ts";
import { NO_SUCH_FILE } from "../../../core/changes/write-rules.ts";
import {
  canHoldFiles,
  purgeAt,
  type FileDetails,
  type FileDraft,
  type FileRecord,
  type FileState,
  type StoredContent,
  type UploadedPart,
} from "../../../core/files/file-record.ts";
import type { FileKind } from "../../../core/files/media-type.ts";
import type { FileReader } from "../../../core/changes/file-changes.ts";
import type { LogRow } from "../../../core/event-text.ts";
import { refusal, type Refusal } from "../../../protocol/error-codes.ts";
import { parseFileId } from "../../../protocol/file-id.ts";
import type { ConversationId } from "../../../protocol/ids.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { MessageBody } from "../../../protocol/message.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { FilePage, FileQuery, FileUpload, UploadKey } from "../../../edge/rpc/files-rpc.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

type FileRow = {
  n: number;
  state: FileState;
  uploader_id: string;
  name: string;
  mime_type: string;
  size: number;
  etag: string | null;
  upload_id: string | null;
  details: string;
  created_at: number;
  stored_at: number | null;
};

export const DEFAULT_FILE_TIMES: FileTimes = {
  graceMs: LIMITS.fileGraceSeconds * 1_000,
  uploadMs: LIMITS.uploadSeconds * 1_000,
};

/**
 * What a conversation knows about its files. Synchronous, in the object's SQLite: what changes with a message changes in
 * the message's own transaction. Callers have checked that whoever asks is a member.
 */
export class FileLedger {
  readonly #sql: TalliedSql;
  readonly #readConversationId: () => ConversationId | undefined;
  readonly #times: FileTimes;

  /** `conversationId` is asked for when it is needed: there is none before the founding. */
  constructor(sql: TalliedSql, conversationId: () => ConversationId | undefined, times: FileTimes) {
    this.#sql = sql;
    this.#readConversationId = conversationId;
    this.#times = times;
  }

  get #conversationId(): ConversationId {
    const id = this.#readConversationId();
    if (id === undefined) throw new Error("a conversation has no files before its founding");
    return id;
  }

  /** Under a key that this uploader has used: the file that it began, as long as there is one. */
  begin(
    { uploaderId, key, ifPending }: UploadKey & { uploaderId: string },
    draft: FileDraft,
    now: number,
  ): Result<FileUpload, Refusal> {
    if (!canHoldFiles({ conversationId: this.#conversationId })) {
      return fail(refusal("INVALID_DATA", "the ids of these people are too long for files"));
    }
    const [known] = this.#sql
      .exec<{ n: number; state: FileState }>(
        "SELECT n, state FROM file WHERE uploader_id = ? AND client_key = ?",
        uploaderId,
        key,
      )
      .toArray();
    if (known !== undefined) {
      const isReplaced = known.state === "pending" && ifPending === "replace";
      if (!isReplaced) return this.upload(uploaderId, known.n);
      // from here on the request that began it cannot end it
      this.#letGo(known.n, now);
    }
    const { n } = this.#sql
      .exec<{ n: number }>(
        `INSERT INTO file (state, uploader_id, client_key, name, mime_type, size, details, created_at, due_at)
         VALUES ('pending', ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n`,
        uploaderId,
        key,
        draft.name,
        draft.mimeType,
        draft.size,
        JSON.stringify(draft.details),
        now,
        this.#purgeAt({ state: "pending", createdAt: now }, 0, now),
      )
      .one();
    return this.upload(uploaderId, n);
  }

  /** An upload is opened once: of two repeats at the same time one is told that it came second. */
  openUpload(uploaderId: string, n: number, uploadId: string): Result<null, Refusal> {
    const pending = this.#pending(uploaderId, n);
    if (!pending.ok) return pending;
    const openedAs = pending.value.upload_id ?? uploadId;
    if (openedAs !== uploadId) return fail(refusal("CONFLICT", "the upload is open already"));
    this.#sql.exec("UPDATE file SET upload_id = ? WHERE n = ?", uploadId, n);
    return ok(null);
  }

  /** The upload of a user, or the file that it has become. */
  upload(uploaderId: string, n: number): Result<FileUpload, Refusal> {
    const row = this.#row(n);
    if (row?.uploader_id !== uploaderId) return fail(NO_SUCH_FILE);
    if (row.state !== "pending" && row.state !== "stored") return fail(NO_SUCH_FILE);
    const parts = this.#sql
      .exec<{ part: number; etag: string }>(
        "SELECT part, etag FROM file_part WHERE n = ? ORDER BY part",
        n,
      )
      .toArray();
    return ok({ file: this.#record(row), uploadId: row.upload_id, parts });
  }

  recordPart(uploaderId: string, n: number, { part, etag }: UploadedPart): Result<null, Refusal> {
    const pending = this.#pending(uploaderId, n);
    if (!pending.ok) return pending;
    this.#sql.exec(
      "INSERT INTO file_part (n, part, etag) VALUES (?, ?, ?) ON CONFLICT (n, part) DO UPDATE SET etag = excluded.etag",
      n,
      part,
      etag,
    );
    return ok(null);
  }

  /** The bytes are there and were checked. */
  store(n: number, content: StoredContent, now: number): void {
    this.#sql.exec(
      `UPDATE file SET state = 'stored', mime_type = ?, size = ?, etag = ?, details = ?, stored_at = ?,
       upload_id = NULL, due_at = NULL WHERE n = ?`,
      content.mimeType,
      content.size,
      content.etag,
      JSON.stringify(content.details),
      now,
      n,
    );
    this.#sql.exec("DELETE FROM file_part WHERE n = ?", n);
  }

  /** The next purge takes it, and its key may begin another file. */
  abandon(uploaderId: string, n: number, now: number): Result<null, Refusal> {
    const pending = this.#pending(uploaderId, n);
    if (!pending.ok) return pending;
    this.#sql.exec("UPDATE file SET due_at = ?, client_key = NULL WHERE n = ?", now, n);
    return ok(null);
  }

  stored(reader: FileReader, n: number): Result<FileRecord, Refusal> {
    const [row] = this.#sql
      .exec<FileRow>(
        `SELECT * FROM file WHERE state = 'stored' AND n = ?5 AND ${IN_SIGHT}`,
        ...sightOf(reader),
        n,
      )
      .toArray();
    return row === undefined ? fail(NO_SUCH_FILE) : ok(this.#record(row));
  }

  /** Also of a file that was deleted: whether this reader could know of it. */
  isInSight(reader: FileReader, n: number): boolean {
    if (reader.historyFrom === 0) return true;
    const rows = this.#sql.exec(
      `SELECT 1 FROM file WHERE n = ?5 AND ${IN_SIGHT}`,
      ...sightOf(reader),
      n,
    );
    return rows.toArray().length > 0;
  }

  page(reader: FileReader, { before, kind, limit }: FileQuery): FilePage {
    const rows = this.#sql
      .exec<FileRow>(
        `SELECT * FROM file WHERE state = 'stored' AND n < ?5 AND ${KIND_FILTERS[kind ?? "any"]} AND ${IN_SIGHT}
         ORDER BY n DESC LIMIT ?6`,
        ...sightOf(reader),
        before ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      )
      .toArray();
    const files = rows.slice(0, limit).map((row) => this.#record(row));
    return { files, hasMore: rows.length > limit };
  }

  /** Nobody can read it from now on. */
  delete(n: number, now: number): void {
    const row = this.#row(n);
    if (row === undefined) throw new Error("no file to delete");
    this.#planPurge(row, now);
  }

  /**
   * An event was stored: files of this conversation that it names as attachments are kept for it, and in the sight of
   * its readers. Not those that its sender may not see himself: ids can be guessed, and naming one would show it to him.
   */
  refer(
    { seq, type, body }: Pick<LogRow, "seq" | "type" | "body">,
    isShownToSender: (n: number) => boolean,
  ): void {
    // most messages name none, and are not parsed to find that out
    if (type !== "message" || !body.includes('"attachments":[')) return;
    const { attachments } = JSON.parse(body) as MessageBody; // the log holds what messageBodyText wrote
    for (const attachment of attachments ?? []) {
      const address = parseFileId(attachment);
      if (!address.ok || address.value.conversationId !== this.#conversationId) continue;
      const { n } = address.value;
      if (this.#row(n)?.state !== "stored") continue;
      if (!isShownToSender(n)) continue;
      this.#sql.exec(
        "INSERT INTO file_reference (n, seq) VALUES (?, ?) ON CONFLICT DO NOTHING",
        n,
        seq,
      );
    }
  }

  /** A message was erased: it keeps no bytes any more. Its files that were deleted before may go now. */
  release(seq: number, now: number): void {
    const released = this.#sql
      .exec<{ n: number }>("DELETE FROM file_reference WHERE seq = ? RETURNING n", seq)
      .toArray();
    for (const { n } of released) {
      const row = this.#row(n);
      if (row?.state === "deleted") this.#planPurge(row, now);
    }
  }

  file(n: number): FileRecord | undefined {
    const row = this.#row(n);
    return row === undefined ? undefined : this.#record(row);
  }

  /** The newest messages that name a file, at most `fileTargets` of them. */
  messagesNaming(n: number): number[] {
    return this.#sql
      .exec<{ seq: number }>(
        "SELECT seq FROM file_reference WHERE n = ? ORDER BY seq DESC LIMIT ?",
        n,
        LIMITS.fileTargets,
      )
      .toArray()
      .map(({ seq }) => seq);
  }

  /** Readable files that the messages at `seqs` name and no other one does. */
  namedOnlyBy(seqs: readonly number[]): FileRecord[] {
    return this.#sql
      .exec<FileRow>(
        `WITH these AS MATERIALIZED (SELECT value AS seq FROM json_each(?1))
         SELECT DISTINCT file.* FROM file_reference AS this JOIN file ON file.n = this.n
         WHERE this.seq IN (SELECT seq FROM these) AND state = 'stored' AND NOT EXISTS
         (SELECT 1 FROM file_reference AS other
          WHERE other.n = this.n AND other.seq NOT IN (SELECT seq FROM these)) ORDER BY file.n`,
        JSON.stringify(seqs),
      )
      .toArray()
      .map((row) => this.#record(row));
  }

  /** Files whose bytes may go by now, with the unfinished upload of each. From here on no upload of these can finish. */
  takeDue(now: number, limit: number): { file: FileRecord; uploadId: string | null }[] {
    this.#sql.exec(
      "UPDATE file SET state = 'deleted', client_key = NULL WHERE due_at <= ? AND state = 'pending'",
      now,
    );
    return this.#sql
      .exec<FileRow>("SELECT * FROM file WHERE due_at <= ? ORDER BY due_at LIMIT ?", now, limit)
      .toArray()
      .map((row) => ({ file: this.#record(row), uploadId: row.upload_id }));
  }

  /** When the next bytes may go, epoch ms; null while nothing is planned. */
  nextDue(): number | null {
    const { at } = this.#sql
      .exec<{ at: number | null }>("SELECT min(due_at) AS at FROM file WHERE due_at IS NOT NULL")
      .one();
    return at;
  }

  /** The bytes are gone: what is left is that the number is spent. */
  purged(n: number): void {
    this.#sql.exec(
      `UPDATE file SET state = 'purged', name = '', details = '{}', etag = NULL, upload_id = NULL, due_at = NULL
       WHERE n = ?`,
      n,
    );
    this.#sql.exec("DELETE FROM file_part WHERE n = ?", n);
  }

  held(ns: readonly number[]): number[] {
    return ns.filter((n) => {
      const state = this.#row(n)?.state;
      return state !== undefined && state !== "purged";
    });
  }

  #planPurge({ n, created_at: createdAt }: FileRow, now: number): void {
    this.#letGo(n, this.#purgeAt({ state: "deleted", createdAt }, this.#references(n), now));
  }

  #letGo(n: number, dueAt: number | null): void {
    this.#sql.exec(
      "UPDATE file SET state = 'deleted', due_at = ?, client_key = NULL WHERE n = ?",
      dueAt,
      n,
    );
  }

  #purgeAt(file: { state: FileState; createdAt: number }, references: number, now: number) {
    return purgeAt(file, references, { now, ...this.#times });
  }

  #references(n: number): number {
    return this.#sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM file_reference WHERE n = ?", n)
      .one().count;
  }

  #pending(uploaderId: string, n: number): Result<FileRow, Refusal> {
    const row = this.#row(n);
    if (row?.uploader_id !== uploaderId || row.state !== "pending") return fail(NO_SUCH_FILE);
    return ok(row);
  }

  #row(n: number): FileRow | undefined {
    return this.#sql.exec<FileRow>("SELECT * FROM file WHERE n = ?", n).toArray()[0];
  }

  #record(row: FileRow): FileRecord {
    return {
      conversationId: this.#conversationId,
      n: row.n,
      state: row.state,
      uploaderId: row.uploader_id,
      name: row.name,
      mimeType: row.mime_type,
      size: row.size,
      etag: row.etag,
      details: JSON.parse(row.details) as FileDetails, // written by this class alone, in this shape
      createdAt: row.created_at,
      storedAt: row.stored_at,
    };
  }
}

/** The same families as `kindOf`, for SQLite. */
const KIND_FILTERS = {
  any: "1",
  image: "mime_type LIKE 'image/%'",
  video: "mime_type LIKE 'video/%'",
  audio: "mime_type LIKE 'audio/%'",
  document:
    "mime_type NOT LIKE 'image/%' AND mime_type NOT LIKE 'video/%' AND mime_type NOT LIKE 'audio/%'",
} as const satisfies Record<FileKind | "any", string>;

/** Whose sight decides which files there are. */
/**
 * Where history begins with the joining, so do files: a member sees his own, later ones, the conversation's picture, and
 * those that a message names which he may read. Rules FIL-12 and FIL-14.
 */
const IN_SIGHT = `(?1 = 0 OR uploader_id = ?2 OR created_at >= ?3 OR n = ?4
  OR EXISTS (SELECT 1 FROM file_reference WHERE file_reference.n = file.n AND seq > ?1))`;

function sightOf({
  historyFrom,
  userId,
  joinedAt,
  picture,
}: FileReader): [number, string, number, number | null] {
  return [historyFrom, userId, joinedAt, picture];
}
