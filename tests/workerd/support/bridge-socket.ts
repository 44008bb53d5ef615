import { env } from "cloudflare:workers";
import * as v from "valibot";
import {
  shardFrameSchema,
  type BridgeFrame,
  type OutboxReceipt,
} from "../../../protocol/outbox-frames.ts";
import { FrameSocket, upgraded } from "./frame-socket.ts";

/** The sink of a bridge that has only one. */
export const SINK = "embedded";

/** One raw socket of a bridge, straight into the shard. */
export class BridgeSocket extends FrameSocket<v.InferOutput<typeof shardFrameSchema>> {
  /** The newest receipt of each member; it may ride with events, whenever those are late. */
  readonly #receipts = new Map<string, OutboxReceipt>();

  static async dial(shard: string, sink = SINK, sinks = [sink]): Promise<BridgeSocket> {
    const headers = {
      upgrade: "websocket",
      "x-parley-shard": shard,
      "x-parley-sink": sink,
      "x-parley-sinks": sinks.join(","),
    };
    const answer = await env.OUTBOX.getByName(shard).fetch("https://outbox/socket", { headers });
    return new BridgeSocket(upgraded(answer), (text) => [
      v.parse(shardFrameSchema, JSON.parse(text)),
    ]);
  }

  send(...frames: BridgeFrame[]): void {
    this.socket.send(JSON.stringify(frames.length === 1 ? frames[0] : frames));
  }

  credit(events: number): void {
    this.send({ type: "credit", events });
  }

  ack(conversationId: string, seq: number): void {
    this.send({ type: "ack", conversationId, seq });
  }

  /** The next batch, acked, and its credit given back. */
  async take() {
    const batch = await this.next("batch");
    const { conversationId } = batch.conversation;
    for (const receipt of batch.receipts)
      this.#receipts.set(`${conversationId} ${receipt.userId}`, receipt);
    this.ack(conversationId, batch.upTo);
    this.credit(batch.events.length + batch.receipts.length);
    return batch;
  }

  /** The newest receipt of a member that came with the batches taken so far. */
  receiptOf(conversationId: string, userId: string): OutboxReceipt | undefined {
    return this.#receipts.get(`${conversationId} ${userId}`);
  }
}
