import { DurableObject } from "cloudflare:workers";
import type { PublishOutcome } from "../core/outbox.ts";
import { PING_TEXT, PONG_TEXT } from "../protocol/client-frames.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import dirty from "../migrations/outbox/0001_dirty.sql";
import { BridgeLink, type PublishedBatch } from "./bridge-link.ts";
import { callWithin } from "./call.ts";
import { DirtyStore } from "./dirty-store.ts";
import type { ObjectEnv } from "./env.ts";
import { errorText, logEvent } from "./log.ts";
import { MetaStore } from "./meta-store.ts";
import { applySchema } from "./schema.ts";
import { answerClose } from "./socket-close.ts";
import { TalliedSql } from "./tallied-sql.ts";

/** Conversations called back at once when the bridge has room again. */
const KICKED_AT_ONCE = 16;
const KICK_TIMEOUT_MS = 10_000;
const EPOCH_KEY = "epoch";

/** One per shard: routes batches to the bridge that dialled in, and its acks back. Keeps no copy of any event. */
export class Outbox extends DurableObject<ObjectEnv> {
  readonly #dirty: DirtyStore;
  readonly #meta: MetaStore;
  #link: BridgeLink | null;
  #kicking = false;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    applySchema(ctx.storage, [{ id: "0001_dirty", sql: dirty }]);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    this.#dirty = new DirtyStore(ctx.storage.sql);
    this.#meta = new MetaStore(new TalliedSql(ctx.storage.sql));
    const socket = ctx.getWebSockets().find(({ readyState }) => readyState === WebSocket.OPEN);
    this.#link = socket === undefined ? null : BridgeLink.wake(socket);
  }

  /** Resolves when the bridge has stored the batch. Without room for it the conversation is called back later. */
  async publish(batch: PublishedBatch): Promise<PublishOutcome> {
    const sent = this.#link?.send(batch) ?? null;
    const outcome: PublishOutcome = sent === null ? { state: "deferred" } : await sent;
    if (outcome.state === "deferred") {
      this.#dirty.add(batch.conversation.conversationId);
      // the link may have changed hands while the batch was under way
      this.#kickInBackground();
    }
    return outcome;
  }

  /** A bridge dials in. The worker has checked its secret. The newest epoch owns the shard (OBX-2). */
  override async fetch(request: Request): Promise<Response> {
    const shard = Number(request.headers.get("x-parley-shard"));
    const { 0: client, 1: server } = new WebSocketPair();
    for (const older of this.ctx.getWebSockets()) {
      older.close(CLOSE_CODES.superseded, "a newer bridge owns this shard");
    }
    this.#link?.drop();
    const epoch = this.#meta.number(EPOCH_KEY, 0) + 1;
    this.#meta.set(EPOCH_KEY, epoch);
    this.ctx.acceptWebSocket(server);
    this.#link = BridgeLink.open(server, shard, epoch);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    if (this.#link?.socket !== socket) return; // a superseded bridge: its acks count no more
    const refused = this.#link.receive(data);
    if (refused !== null) {
      logEvent("bridge_frame_refused", { code: refused.code, message: refused.message });
      this.#link.drop();
      this.#link = null;
      socket.close(CLOSE_CODES.protocol, refused.code);
      return;
    }
    this.#kickInBackground();
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#lost(socket);
    answerClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#lost(socket);
  }

  #lost(socket: WebSocket): void {
    if (this.#link?.socket !== socket) return;
    this.#link.drop();
    this.#link = null;
  }

  #kickInBackground(): void {
    if (this.#kicking) return;
    this.#kicking = true;
    // #kick never rejects
    void this.#kick().finally(() => {
      this.#kicking = false;
    });
  }

  /** Calls conversations back while the bridge has room, a few at a time, so that its return is no stampede. */
  async #kick(): Promise<void> {
    while (this.#link?.hasRoom === true) {
      const round = this.#dirty.take(KICKED_AT_ONCE);
      if (round.length === 0) return;
      const kicks = round.map(async (conversationId) => {
        try {
          const drained = this.env.CONVERSATION.getByName(conversationId).drain();
          await callWithin(KICK_TIMEOUT_MS, drained);
        } catch (error) {
          // its own alarm will bring it back
          logEvent("kick_failed", { conversationId, error: errorText(error) });
        }
      });
      await Promise.all(kicks);
    }
  }
}
