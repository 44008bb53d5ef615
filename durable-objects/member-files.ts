import type { MemberRecord } from "../core/conversation.ts";
import type { FileDraft, FileRecord, StoredContent } from "../core/files/file-record.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import { ok, type Result } from "../protocol/result.ts";
import type { FileLedger } from "./file-ledger.ts";
import type { FilePage, FileQuery, FileUpload, UploadChange } from "./rpc.ts";

/** What a member may do with the files of a conversation: each in one transaction, and with the purge planned. */
export class MemberFiles {
  readonly #storage: DurableObjectStorage;
  readonly #ledger: FileLedger;
  readonly #planPurge: (at: number) => void;

  constructor(storage: DurableObjectStorage, ledger: FileLedger, planPurge: (at: number) => void) {
    this.#storage = storage;
    this.#ledger = ledger;
    this.#planPurge = planPurge;
  }

  begin({ userId }: MemberRecord, draft: FileDraft): Result<FileRecord, Refusal> {
    return this.#change((now) => this.#ledger.begin(userId, draft, now));
  }

  change({ userId }: MemberRecord, n: number, change: UploadChange): Result<null, Refusal> {
    return this.#change((now) => {
      switch (change.type) {
        case "opened":
          return this.#ledger.openUpload(userId, n, change.uploadId);
        case "part":
          return this.#ledger.recordPart(userId, n, change);
        case "abandoned":
          return this.#ledger.abandon(userId, n, now);
      }
    });
  }

  finish({ userId }: MemberRecord, n: number, content: StoredContent): Result<FileRecord, Refusal> {
    return this.#change((now) => this.#ledger.finish(userId, n, content, now));
  }

  delete(member: MemberRecord, n: number): Result<FileRecord, Refusal> {
    return this.#change((now) => this.#ledger.delete(member, n, now));
  }

  upload({ userId }: MemberRecord, n: number): Result<FileUpload, Refusal> {
    return this.#ledger.upload(userId, n);
  }

  stored(reader: MemberRecord, n: number): Result<FileRecord, Refusal> {
    return this.#ledger.stored(reader, n);
  }

  page(reader: MemberRecord, query: FileQuery): Result<FilePage, Refusal> {
    return ok(this.#ledger.page(reader, query));
  }

  /** Bytes that may go at some time are looked after at that time. */
  plan(): void {
    const due = this.#ledger.nextDue();
    if (due !== null) this.#planPurge(due);
  }

  #change<T>(act: (now: number) => Result<T, Refusal>): Result<T, Refusal> {
    const outcome = this.#storage.transactionSync(() => act(Date.now()));
    this.plan();
    return outcome;
  }
}
