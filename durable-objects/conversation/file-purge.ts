import { filePrefix, originalKey } from "../../core/files/file-record.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import { deleteAll } from "../../edge/files/file-store.ts";
import { openFileStore } from "../../edge/files/open-file-store.ts";
import { callWithin } from "../../edge/calls/call.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import type { FileLedger } from "./stores/file-ledger.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { InboxFilesRpc } from "../../edge/rpc/files-rpc.ts";

/** Files of one run; the next ones wait for the timetable to come again. */
const RUN_FILES = 100;
const RETRY_MS = 60_000;
const INBOX_TIMEOUT_MS = 10_000;

/** Removes the bytes that nobody may read any more, and what they count of their uploader's quota. */
export class FilePurge {
  readonly #env: ObjectEnv;
  readonly #ledger: FileLedger;

  constructor(env: ObjectEnv, ledger: FileLedger) {
    this.#env = env;
    this.#ledger = ledger;
  }

  /**
   * Answers when it wants to run again, epoch ms. Every step can be repeated, so a crash in between costs nothing; a store
   * that does not answer is asked again later.
   */
  async run(now: number): Promise<number | null> {
    const store = openFileStore(this.#env);
    if (store === null) return null;
    for (const { file, uploadId } of this.#ledger.takeDue(now, RUN_FILES)) {
      try {
        if (uploadId !== null) await store.abortUpload({ key: originalKey(file), uploadId });
        await deleteAll(store, filePrefix(file));
        const inbox: InboxFilesRpc = this.#env.INBOX.getByName(file.uploaderId);
        await callWithin(INBOX_TIMEOUT_MS, inbox.releaseFile(fileIdOf(file)));
        this.#ledger.purged(file.n);
      } catch (error) {
        logEvent("purge_failed", { fileId: fileIdOf(file), error: errorText(error) });
        return now + RETRY_MS;
      }
    }
    return this.#ledger.nextDue();
  }
}
