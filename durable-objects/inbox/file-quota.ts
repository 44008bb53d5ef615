import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { FileId } from "../../protocol/file-id.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** What one user's files take, over all conversations. Rule FIL-3. */
export class FileQuota {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Counts a file at `bytes`, in place of what it was counted at before. */
  reserve(fileId: FileId, bytes: number, quota: number): Result<null, Refusal> {
    const { used } = this.#sql
      .exec<{ used: number }>(
        "SELECT coalesce(sum(bytes), 0) AS used FROM file_usage WHERE file_id != ?",
        fileId,
      )
      .one();
    if (used + bytes > quota) {
      const message = `your files may take ${quota} bytes, and ${used} are taken`;
      return fail(refusal("TOO_LARGE", message));
    }
    this.#sql.exec(
      "INSERT INTO file_usage (file_id, bytes) VALUES (?, ?) ON CONFLICT (file_id) DO UPDATE SET bytes = excluded.bytes WHERE bytes != excluded.bytes",
      fileId,
      bytes,
    );
    return ok(null);
  }

  release(fileId: FileId): void {
    this.#sql.exec("DELETE FROM file_usage WHERE file_id = ?", fileId);
  }
}
