import { env } from "cloudflare:workers";
import * as v from "valibot";
import { shardFrameSchema, type BridgeFrame } from "../../../protocol/outbox-frames.ts";
import { FrameSocket, upgraded } from "./frame-socket.ts";

/** The sink of a bridge that has only one. */
export const SINK = "embedded";

/** One raw socket of a bridge, straight into the shard. */
export class BridgeSocket extends FrameSocket<v.InferOutput<typeof shardFrameSchema>> {
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
}
