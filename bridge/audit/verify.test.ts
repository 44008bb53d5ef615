import { expect, test } from "vitest";
import type { Difference, FoundDocuments } from "../../core/bridging/archive-audit.ts";
import { archivedMessage } from "../../core/bridging/archive-document.ts";
import { messageIdOf, parseConversationId, type ConversationId } from "../../protocol/ids.ts";
import type { LogEntry, LogPage } from "../../protocol/log-page.ts";
import { foundedEvent, messageEvent } from "../../tests/support/archive-events.ts";
import { quietLog } from "../../tests/support/quiet-log.ts";
import { Patience } from "../patience.ts";
import { Progress } from "./progress.ts";
import { verify } from "./verify.ts";
import { conversationDocument } from "../../core/bridging/archive-document.ts";

function idOf(text: string): ConversationId {
  const id = parseConversationId(text);
  if (!id.ok) throw new Error(id.error.message);
  return id.value;
}

const ID = idOf("team");
const toMs = (at: number) => at;

/** A log of messages, and an archive of it that lags behind it: each reading of `bridge_state` brings one message more. */
class LaggingArchive {
  readonly #head: number;
  archived: number;
  /** What a bridge brings between the reading of its state and that of the documents. */
  arrives = 0;

  constructor(head: number, archived: number) {
    this.#head = head;
    this.archived = archived;
  }

  async conversations() {
    return { conversationIds: [ID], next: null };
  }

  async logPage(_id: string, after: number): Promise<LogPage> {
    const seqs = Array.from({ length: this.#head + 1 }, (_, seq) => seq).slice(after + 1);
    const entries = seqs.map((seq): LogEntry =>
      seq === 0
        ? { event: foundedEvent() }
        : { event: messageEvent(seq), versions: 0, reactions: 0 },
    );
    return {
      conversation: { conversationId: ID, type: "group" },
      head: this.#head,
      entries,
      receipts: [],
    };
  }

  async page(): Promise<FoundDocuments> {
    const seqs = Array.from({ length: Math.max(this.archived, 0) }, (_, n) => n + 1);
    const messages = seqs.map((seq) => {
      const document = archivedMessage(ID, messageEvent(seq), toMs);
      return [messageIdOf(ID, seq), { ...document }] as const;
    });
    const conversation = { ...conversationDocument(ID, foundedEvent(), toMs) };
    const found = { messages: new Map(messages), conversation };
    this.archived += this.arrives;
    return found;
  }

  async archivedSeq(): Promise<number> {
    return this.archived;
  }

  async messageAfter(): Promise<number | null> {
    return null;
  }

  async refusal(): Promise<string | null> {
    return null;
  }
}

async function differencesOf(
  archive: LaggingArchive,
  waitForBridge: () => Promise<boolean>,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  const patience = new Patience(quietLog, () => 0, new AbortController().signal);
  const progress = new Progress("verify", quietLog, null, () => 0);
  await verify({
    edge: archive,
    archive,
    patience,
    progress,
    chosen: { cursor: null },
    waitForBridge,
    differs: (_id, difference) => differences.push(difference),
  });
  progress.stop();
  return differences;
}

test("[AUD-3] what a bridge brings while documents are read is read again, and is no difference", async () => {
  const archive = new LaggingArchive(3, 2);
  archive.arrives = 1;
  expect(await differencesOf(archive, async () => true)).toEqual([]);
});

test("[AUD-3] what the bridge never brings is missing, once nobody waits any more", async () => {
  const archive = new LaggingArchive(3, 1);
  let waits = 5;
  expect(await differencesOf(archive, async () => waits-- > 0)).toEqual([
    { seq: 2, problem: "missing" },
  ]);
  expect(waits).toBe(-1);
});
