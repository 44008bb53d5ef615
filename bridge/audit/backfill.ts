import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import type { LogPage } from "../../protocol/log-page.ts";
import { everyConversation, type Chosen, type CommandPorts } from "./every-conversation.ts";
import type { Sink } from "../sinks/sink.ts";

export interface BackfillOptions extends CommandPorts {
  sinks: readonly Sink[];
  chosen: Chosen;
  /** The first seq to send again; 0 is the founding. */
  from: number;
}

/**
 * Sends logs again from a seq on, past the edge's cursors and whatever the running bridge does: sinks take repeats. It
 * keeps nothing, so it may be stopped at any time and started anew.
 */
export async function backfill(options: BackfillOptions): Promise<void> {
  const { patience, chosen, sinks } = options;
  for (const sink of sinks) await patience.run(`start ${sink.name}`, () => sink.start());
  await everyConversation(options, chosen, (id) => backfillOne(options, id));
}

async function backfillOne(
  { edge, sinks, patience, progress, from }: BackfillOptions,
  conversationId: string,
): Promise<void> {
  for (let cursor = from - 1; !patience.isOver;) {
    const after = cursor;
    const page = await patience.run("read", () => edge.logPage(conversationId, after));
    const batch = batchOf(page);
    if (batch.events.length + batch.receipts.length > 0) {
      for (const sink of sinks) await patience.run(sink.name, () => sink.write([batch]));
    }
    progress.events(conversationId, batch.events.length);
    cursor += batch.events.length;
    if (cursor < page.head && batch.events.length > 0) continue;
    progress.conversation();
    return;
  }
}

function batchOf({ conversation, entries, receipts }: LogPage): ArchiveBatch {
  const conversationId = parseConversationId(conversation.conversationId);
  if (!conversationId.ok) throw new Error(conversationId.error.message);
  return {
    conversation: { conversationId: conversationId.value, type: conversation.type },
    events: entries.map(({ event }) => event),
    receipts,
  };
}
