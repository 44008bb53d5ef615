import { DIRECTORIES, directoryName, shardOf } from "../../../core/outbox.ts";
import type { ConversationId } from "../../../protocol/ids.ts";
import { callWithin } from "../../../edge/calls/call.ts";
import type { ObjectEnv } from "../../../edge/object-env.ts";
import { errorText, logEvent } from "../../../edge/log.ts";
import type { MetaStore } from "../../storage/meta-store.ts";

const KEY = "in_directory";
const CALL_TIMEOUT_MS = 5_000;

/**
 * The conversation's line in the list of all conversations, so that an audit finds also those of which no bridge ever
 * heard. One row there and one here, for life. Rule AUD-2.
 */
export class DirectoryEntry {
  readonly #directories: ObjectEnv["OUTBOX"];
  readonly #meta: MetaStore;
  readonly #conversationId: ConversationId;
  #isMade: boolean;
  #making: Promise<boolean> | null = null;

  constructor(directories: ObjectEnv["OUTBOX"], meta: MetaStore, conversationId: ConversationId) {
    this.#directories = directories;
    this.#meta = meta;
    this.#conversationId = conversationId;
    this.#isMade = meta.number(KEY, 0) === 1;
  }

  get isMade(): boolean {
    return this.#isMade;
  }

  /** False when the directory could not be told; safe to repeat, and one call at a time. */
  make(): Promise<boolean> {
    if (this.#isMade) return Promise.resolve(true);
    this.#making ??= this.#make().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #make(): Promise<boolean> {
    const conversationId = this.#conversationId;
    const directory = this.#directories.getByName(
      directoryName(shardOf(conversationId, DIRECTORIES)),
    );
    try {
      await callWithin(CALL_TIMEOUT_MS, directory.list(conversationId));
    } catch (error) {
      logEvent("directory_entry_failed", { conversationId, error: errorText(error) });
      return false;
    }
    this.#meta.set(KEY, 1);
    this.#isMade = true;
    return true;
  }
}
