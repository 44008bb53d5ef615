import * as v from "valibot";
import type { PublishOutcome } from "../../core/outbox.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fitting } from "../../protocol/fitting.ts";
import { bridgeFrameSchema, type BridgeFrame } from "../../protocol/outbox-frames.ts";
import type { PublishedBatch } from "../../edge/rpc/outbox-rpc.ts";

interface InFlight {
  lastSeq: number;
  resolve: (outcome: PublishOutcome) => void;
}

/** The live socket of the bridge that owns a shard's sink: credit, and who waits for which ack. */
export class BridgeLink {
  readonly socket: WebSocket;
  /** Events the bridge still takes; a batch may overdraw it once (OBX-4). */
  #credit: number;
  readonly #inFlight = new Map<string, InFlight>();

  private constructor(socket: WebSocket, credit: number) {
    this.socket = socket;
    this.#credit = credit;
  }

  static open(socket: WebSocket, shard: number, epoch: number): BridgeLink {
    socket.serializeAttachment({ v: 1, credit: 0 });
    socket.send(JSON.stringify({ type: "owned", shard, epoch }));
    return new BridgeLink(socket, 0);
  }

  /** After a sleep nothing is in flight (a pending batch keeps the object awake), so all credit is back. */
  static wake(socket: WebSocket): BridgeLink | null {
    const parsed = v.safeParse(attachmentSchema, socket.deserializeAttachment());
    return parsed.success ? new BridgeLink(socket, parsed.output.credit) : null;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get hasRoom(): boolean {
    return this.#credit > 0 && this.isOpen;
  }

  /** Null when there is no room. A batch that its conversation gave up waiting for is sent again in the new one. */
  send(batch: PublishedBatch): Promise<PublishOutcome> | null {
    const { conversationId } = batch.conversation;
    if (!this.hasRoom) return null;
    this.#inFlight.get(conversationId)?.resolve({ state: "deferred" });
    this.#credit -= batch.count;
    const { promise, resolve } = Promise.withResolvers<PublishOutcome>();
    this.#inFlight.set(conversationId, { lastSeq: batch.lastSeq, resolve });
    const conversation = JSON.stringify(batch.conversation);
    this.socket.send(
      `{"type":"batch","conversation":${conversation},"events":${batch.eventsText},` +
        `"receipts":${batch.receiptsText},"upTo":${batch.lastSeq}}`,
    );
    return promise;
  }

  /** Reads one text of the bridge; says why when it is not one. */
  receive(data: string | ArrayBuffer): Refusal | null {
    const frames = decodeBridgeText(data);
    if (frames === null) return refusal("INVALID_DATA", "not JSON");
    for (const frame of frames) {
      const parsed = fitting(bridgeFrameSchema, frame);
      if (!parsed.ok) return parsed.error;
      this.#apply(parsed.value);
    }
    if (this.#inFlight.size === 0) this.socket.serializeAttachment({ v: 1, credit: this.#credit });
    return null;
  }

  /** The bridge is gone: whatever was under way comes again from its log. */
  drop(): void {
    this.#credit = 0;
    for (const { resolve } of this.#inFlight.values()) resolve({ state: "deferred" });
    this.#inFlight.clear();
  }

  #apply(frame: BridgeFrame): void {
    if (frame.type === "credit") {
      this.#credit += frame.events;
      return;
    }
    const batch = this.#inFlight.get(frame.conversationId);
    if (batch === undefined || frame.seq < batch.lastSeq) return;
    this.#inFlight.delete(frame.conversationId);
    batch.resolve({ state: "acked", seq: batch.lastSeq });
  }
}

const attachmentSchema = v.object({ v: v.literal(1), credit: v.number() });

function decodeBridgeText(data: string | ArrayBuffer): unknown[] | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    return Array.isArray(value) ? value : [value];
  } catch {
    return null;
  }
}
