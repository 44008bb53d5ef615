import * as v from "valibot";
import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import type { Settlement } from "../../core/bridging/window.ts";
import { joinFrames } from "../../protocol/frame-codec.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import { shardFrameSchema, type BridgeFrame } from "../../protocol/outbox-frames.ts";

export type ShardText =
  | { type: "owned"; shard: number; epoch: number }
  /** The log up to `upTo` is written once the batch is. */
  | { type: "batch"; batch: ArchiveBatch; upTo: number }
  /** `credit`: how much of it the batch took. */
  | { type: "unreadable"; problem: string; conversationId: string | null; credit: number };

/**
 * Reads one text of a shard. A batch that does not parse comes from a newer edge: what can be told of it is, so that
 * its conversation waits for a newer bridge while all others flow on.
 */
export function readShardText(text: string): ShardText {
  const json = parseJson(text);
  const parsed = v.safeParse(shardFrameSchema, json);
  if (!parsed.success) return unreadable(json, parsed.issues[0].message);
  const frame = parsed.output;
  if (frame.type === "owned") return frame;
  const { type } = frame.conversation;
  const conversationId = parseConversationId(frame.conversation.conversationId);
  if (!conversationId.ok) return unreadable(json, conversationId.error.message);
  return {
    type: "batch",
    batch: {
      conversation: { conversationId: conversationId.value, type },
      events: frame.events,
      receipts: frame.receipts,
    },
    upTo: frame.upTo,
  };
}

/** One text for a shard: its acks, and the credit for what they settle. */
export function settlementText({ acks, credit }: Settlement): string {
  const frames: BridgeFrame[] = [
    ...acks.map((ack) => ({ type: "ack" as const, ...ack })),
    { type: "credit", events: credit },
  ];
  return joinFrames(frames.map((frame) => JSON.stringify(frame)));
}

export function creditText(events: number): string {
  return JSON.stringify({ type: "credit", events } satisfies BridgeFrame);
}

const looseBatchSchema = v.object({
  conversation: v.object({ conversationId: v.string() }),
  events: v.array(v.unknown()),
  receipts: v.optional(v.array(v.unknown()), []),
});

function unreadable(json: unknown, problem: string): ShardText {
  const loose = v.safeParse(looseBatchSchema, json);
  return {
    type: "unreadable",
    problem,
    conversationId: loose.success ? loose.output.conversation.conversationId : null,
    credit: loose.success ? loose.output.events.length + loose.output.receipts.length : 0,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
