import {
  appendGroup,
  type AppendedGroup,
  type LogEnd,
  type PendingSend,
} from "../core/sequencer.ts";
import type { LogRow } from "../core/event-text.ts";
import type { ConversationType } from "../protocol/event.ts";
import type { ConversationId } from "../protocol/ids.ts";
import { LogStore } from "./log-store.ts";
import { MemberStore } from "./member-store.ts";
import { MetaStore } from "./meta-store.ts";
import type { Founding } from "./rpc.ts";

/** What never changes about a conversation after its founding. */
export interface Charter {
  conversationId: ConversationId;
  type: ConversationType;
  name: string | null;
  createdAt: number;
  /** Identity of this log: a cursor of another epoch is refused, not misread. */
  epoch: string;
}

/** The stored conversation: SQLite is the truth, the fields are a cache of it. */
export class ConversationState {
  readonly log: LogStore;
  readonly members: MemberStore;
  readonly meta: MetaStore;
  readonly #storage: DurableObjectStorage;
  #charter: Charter | null;
  #end: LogEnd;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.log = new LogStore(storage.sql);
    this.members = new MemberStore(storage.sql);
    this.meta = new MetaStore(storage.sql);
    this.#charter = this.#readCharter();
    this.#end = this.log.end() ?? { head: 0, at: 0 };
  }

  /** Null until somebody founds the conversation. */
  get charter(): Charter | null {
    return this.#charter;
  }

  get head(): number {
    return this.#end.head;
  }

  /** Writes charter, members and event 0 in one transaction. The caller has seen that there is no charter. */
  found(founding: Founding, epoch: string, now: number): void {
    const { conversationId, type, name, founderId, members } = founding;
    const row: LogRow = {
      seq: 0,
      at: now,
      type: "founded",
      senderId: founderId,
      clientMessageId: null,
      body: JSON.stringify({ type, name, members }),
    };
    this.#storage.transactionSync(() => {
      this.meta.set(
        "charter",
        JSON.stringify({ conversationId, type, name, epoch, createdAt: now }),
      );
      for (const member of members) this.members.add(member, now);
      this.log.insert(row);
    });
    this.#charter = { conversationId, type, name, epoch, createdAt: now };
    this.#end = { head: 0, at: now };
  }

  /** Appends a group in one transaction; memory follows only after it holds. */
  append(sends: readonly PendingSend[], now: number): AppendedGroup {
    const group = this.#storage.transactionSync(() => appendGroup(this.log, this.#end, sends, now));
    this.#end = group.end;
    return group;
  }

  #readCharter(): Charter | null {
    const text = this.meta.get("charter");
    if (typeof text !== "string") return null;
    return JSON.parse(text) as Charter; // written by found() alone, in this shape
  }
}
