import { DurableObject } from "cloudflare:workers";
import { heard, type BridgeReports } from "../../core/bridging/reports.ts";
import type { PublishOutcome } from "../../core/outbox.ts";
import dirty from "../../migrations/outbox/0001_dirty.sql";
import sinks from "../../migrations/outbox/0002_sinks.sql";
import { PING_TEXT, PONG_TEXT } from "../../protocol/client-frames.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import type { Heartbeat } from "../../protocol/heartbeat.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { BridgeLink } from "./bridge-link.ts";
import { callWithin } from "../../edge/calls/call.ts";
import { DirtyStore } from "./dirty-store.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import { MetaStore } from "../storage/meta-store.ts";
import type { OutboxRpc, PublishedBatch, SinkState } from "../../edge/rpc/outbox-rpc.ts";
import { applySchema } from "../storage/schema.ts";
import { ShardDirectory } from "./shard-directory.ts";
import { answerClose } from "../socket-close.ts";
import { TalliedSql } from "../storage/tallied-sql.ts";
import { WaitingStore } from "./waiting-store.ts";

/** Conversations called back at once when the bridge has room again. */
const KICKED_AT_ONCE = 16;
const KICK_TIMEOUT_MS = 10_000;

/**
 * One per shard: routes batches to the bridge that dialled in for a sink, and its acks back. Keeps no copy of any
 * event. Sinks share nothing here but the object: each has its own connection, credit and list of who waits.
 * Some further ones are directories: they keep the names of all conversations, and serve no bridge.
 */
export class Outbox extends DurableObject<ObjectEnv> implements OutboxRpc {
  readonly #dirty: DirtyStore;
  readonly #waiting: WaitingStore;
  readonly #directory: ShardDirectory;
  readonly #links = new Map<string, BridgeLink>();
  readonly #kicking = new Set<string>();

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    applySchema(ctx.storage, [
      { id: "0001_dirty", sql: dirty },
      { id: "0002_sinks", sql: sinks },
    ]);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    const { sql } = ctx.storage;
    this.#dirty = new DirtyStore(sql);
    this.#waiting = new WaitingStore(sql);
    this.#directory = new ShardDirectory(sql, new MetaStore(new TalliedSql(sql)));
    for (const socket of ctx.getWebSockets()) {
      const link = socket.readyState === WebSocket.OPEN ? BridgeLink.wake(socket) : null;
      if (link !== null) this.#links.set(this.#sinkOf(socket), link);
    }
  }

  async sinks(conversationId: string): Promise<string[]> {
    const known = this.#directory.sinks();
    if (known.length === 0) this.#dirty.add(conversationId);
    return known;
  }

  async publish(
    sink: string,
    batch: PublishedBatch,
  ): Promise<{ outcome: PublishOutcome; sinks: string[] }> {
    const { conversationId } = batch.conversation;
    const sent = this.#links.get(sink)?.send(batch) ?? null;
    const outcome: PublishOutcome = sent === null ? { state: "deferred" } : await sent;
    const known = this.#directory.sinks();
    if (outcome.state === "deferred" && known.includes(sink)) {
      this.#waiting.add(sink, conversationId);
      // the link may have changed hands while the batch was under way
      this.#kickInBackground(sink);
    }
    return { outcome, sinks: known };
  }

  async state(): Promise<Record<string, SinkState>> {
    const states = this.#directory.sinks().map((sink) => {
      const connected = this.#links.get(sink)?.isOpen === true;
      return [sink, { connected, waiting: this.#waiting.count(sink) }] as const;
    });
    return Object.fromEntries(states);
  }

  async heartbeat(heartbeat: Heartbeat): Promise<void> {
    this.#directory.reports = heard(this.#directory.reports, heartbeat, Date.now());
  }

  async reports(): Promise<BridgeReports> {
    const known = this.#directory.sinks();
    const reports = Object.entries(this.#directory.reports);
    const told = known.length === 0 ? reports : reports.filter(([sink]) => known.includes(sink));
    return Object.fromEntries(told);
  }

  async list(conversationId: string): Promise<void> {
    this.#directory.note(conversationId);
  }

  async conversations(cursor: string, limit: number): Promise<string[]> {
    return this.#directory.conversations(cursor, limit);
  }

  /** A bridge dials in for one sink. The worker has checked its secret. The newest epoch owns the sink here (OBX-2). */
  override async fetch(request: Request): Promise<Response> {
    const shard = Number(request.headers.get("x-parley-shard"));
    const sink = request.headers.get("x-parley-sink") ?? "";
    const all = (request.headers.get("x-parley-sinks") ?? sink).split(",");
    const { 0: client, 1: server } = new WebSocketPair();
    this.#supersede(sink);
    const retired = this.#directory.sinksAre(all);
    for (const name of retired) this.#supersede(name);
    for (const name of retired) this.#waiting.retire(name);
    this.ctx.acceptWebSocket(server, [sink]);
    this.#links.set(sink, BridgeLink.open(server, shard, this.#directory.nextEpoch(sink)));
    this.ctx.waitUntil(this.#callDirty());
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const sink = this.#sinkOf(socket);
    const link = this.#links.get(sink);
    if (link?.socket !== socket) return; // a superseded bridge: its acks count no more
    const refused = link.receive(data);
    if (refused !== null) {
      logEvent("bridge_frame_refused", { sink, code: refused.code, message: refused.message });
      this.#lost(socket);
      socket.close(CLOSE_CODES.protocol, refused.code);
      return;
    }
    this.#kickInBackground(sink);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#lost(socket);
    answerClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#lost(socket);
  }

  #sinkOf(socket: WebSocket): string {
    return this.ctx.getTags(socket)[0] ?? "";
  }

  #supersede(sink: string): void {
    for (const older of this.ctx.getWebSockets(sink)) {
      older.close(CLOSE_CODES.superseded, "a newer bridge owns this shard");
    }
    this.#links.get(sink)?.drop();
    this.#links.delete(sink);
  }

  #lost(socket: WebSocket): void {
    const sink = this.#sinkOf(socket);
    const link = this.#links.get(sink);
    if (link?.socket !== socket) return;
    link.drop();
    this.#links.delete(sink);
  }

  #kickInBackground(sink: string): void {
    if (this.#kicking.has(sink)) return;
    this.#kicking.add(sink);
    // #kick never rejects
    void this.#kick(sink).finally(() => {
      this.#kicking.delete(sink);
    });
  }

  /** Calls conversations back while the bridge has room, a few at a time, so that its return is no stampede. */
  async #kick(sink: string): Promise<void> {
    while (this.#links.get(sink)?.hasRoom === true) {
      const round = this.#waiting.take(sink, KICKED_AT_ONCE);
      if (round.length === 0) return;
      await this.#call(round, sink);
    }
  }

  /** Calls those who do not know the present sinks: who came before the first bridge, or waited for one that is gone. */
  async #callDirty(): Promise<void> {
    for (;;) {
      const round = this.#dirty.take(KICKED_AT_ONCE);
      if (round.length === 0) return;
      await this.#call(round);
    }
  }

  async #call(conversationIds: readonly ConversationId[], sink?: string): Promise<void> {
    const calls = conversationIds.map(async (conversationId) => {
      try {
        const drained = this.env.CONVERSATION.getByName(conversationId).drain(sink);
        await callWithin(KICK_TIMEOUT_MS, drained);
      } catch (error) {
        // its own alarm will bring it back
        logEvent("kick_failed", { conversationId, error: errorText(error) });
      }
    });
    await Promise.all(calls);
  }
}
