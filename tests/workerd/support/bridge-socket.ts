import { env } from "cloudflare:workers";
import * as v from "valibot";
import { shardFrameSchema, type BridgeFrame } from "../../../protocol/outbox-frames.ts";
import { FrameSocket, upgraded } from "./frame-socket.ts";

/** One raw socket of a bridge, straight into the shard. */
export class BridgeSocket extends FrameSocket<v.InferOutput<typeof shardFrameSchema>> {
  static async dial(shard: string): Promise<BridgeSocket> {
    const headers = { upgrade: "websocket", "x-parley-shard": shard };
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
}
