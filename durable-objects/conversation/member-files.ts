import type { Actor, OtherChange } from "../../core/changes/change.ts";
import { fileReader, mayUpload } from "../../core/changes/file-changes.ts";
import { NO_SUCH_FILE } from "../../core/changes/write-rules.ts";
import type { MemberRecord } from "../../core/conversation.ts";
import type { FileDraft, FileRecord, StoredContent } from "../../core/files/file-record.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { FileLedger } from "./stores/file-ledger.ts";
import type { Appended } from "../../edge/rpc/conversation-rpc.ts";
import type {
  FilePage,
  FileQuery,
  FileUpload,
  UploadChange,
  UploadKey,
} from "../../edge/rpc/files-rpc.ts";

/** What else a file needs of its conversation. */
interface FilePorts {
  /** What everybody is told of a file is an event of the log. */
  change: (
    actor: Actor,
    clientMessageId: string,
    change: OtherChange,
  ) => Promise<Result<Appended, Refusal>>;
  planPurge: (at: number) => void;
}

/** What a member may do with the files of a conversation: each in one transaction, and with the purge planned. */
export class MemberFiles {
  readonly #storage: DurableObjectStorage;
  readonly #state: ConversationState;
  readonly #ledger: FileLedger;
  readonly #ports: FilePorts;

  constructor(storage: DurableObjectStorage, state: ConversationState, ports: FilePorts) {
    this.#storage = storage;
    this.#state = state;
    this.#ledger = state.files;
    this.#ports = ports;
  }

  begin(member: MemberRecord, draft: FileDraft, key: UploadKey): Result<FileUpload, Refusal> {
    return this.#keep((now) => {
      const refused = mayUpload(this.#state.rules, member, now);
      if (refused !== null) return fail(refused);
      return this.#ledger.begin({ uploaderId: member.userId, ...key }, draft, now);
    });
  }

  change({ userId }: MemberRecord, n: number, change: UploadChange): Result<null, Refusal> {
    return this.#keep((now) => {
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

  /** Idempotent: a file that is stored is answered as it is. */
  async finish(
    member: MemberRecord,
    n: number,
    content: StoredContent,
  ): Promise<Result<FileRecord, Refusal>> {
    const placed = await this.#change(member, { type: "storeFile", n, content });
    return placed.ok ? this.stored(member, n) : placed;
  }

  /** An upload that is not finished is given up, and was never told of. */
  async delete(member: MemberRecord, n: number): Promise<Result<Appended, Refusal>> {
    const { head } = this.#state;
    const abandoned = this.change(member, n, { type: "abandoned" });
    if (abandoned.ok) return ok({ seq: head, at: Date.now(), repeated: true });
    if (!this.#state.rules.isFileInSight(member, n)) return fail(NO_SUCH_FILE);
    return this.#change(member, { type: "deleteFile", n });
  }

  upload({ userId }: MemberRecord, n: number): Result<FileUpload, Refusal> {
    return this.#ledger.upload(userId, n);
  }

  stored(member: MemberRecord, n: number): Result<FileRecord, Refusal> {
    return this.#ledger.stored(fileReader(this.#state.rules, member), n);
  }

  page(member: MemberRecord, query: FileQuery): Result<FilePage, Refusal> {
    return ok(this.#ledger.page(fileReader(this.#state.rules, member), query));
  }

  /** Bytes that may go at some time are looked after at that time. */
  plan(): void {
    const due = this.#ledger.nextDue();
    if (due !== null) this.#ports.planPurge(due);
  }

  /** No client chooses the key: what has happened already is known by the file's state. */
  #change({ userId }: MemberRecord, change: OtherChange): Promise<Result<Appended, Refusal>> {
    return this.#ports.change({ userId, authority: "member" }, crypto.randomUUID(), change);
  }

  #keep<T>(act: (now: number) => Result<T, Refusal>): Result<T, Refusal> {
    const outcome = this.#storage.transactionSync(() => act(Date.now()));
    this.plan();
    return outcome;
  }
}
