import { DurableObject } from "cloudflare:workers";
import { PING_TEXT, PONG_TEXT } from "../../protocol/client-frames.ts";
import type { UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { StoredNotification } from "../../protocol/notification.ts";
import partialPacket from "../../migrations/gateway/0001_partial_packet.sql";
import { configOf, gatewaySecretOf } from "../../edge/config.ts";
import type { Env } from "../../edge/env.ts";
import { EarliestAlarm } from "./earliest-alarm.ts";
import { FULL_HEADER } from "../engine-io/engine-server.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { Delivery, GatewayRpc, HandOver } from "../../edge/rpc/gateway-rpc.ts";
import { applySchema } from "../storage/schema.ts";
import { sessionRate } from "../session.ts";
import { SocketIoServer } from "../socket-io/socket-io-server.ts";
import type { ChatHandshake } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import { ChatSockets } from "./chat-sockets.ts";
import { ConversationCalls } from "./conversation-calls.ts";
import { Deliveries } from "./deliveries.ts";
import { FeedStore } from "./feed-store.ts";
import { socketIoRules } from "./gateway-rules.ts";
import { GatheredSends } from "./gathered-sends.ts";
import { Hub } from "./hub.ts";
import { MissedEvents } from "./missed-events.ts";
import { NativeSockets } from "./native-sockets.ts";
import { OffsetKeys } from "./offset-keys.ts";
import { OpenFeeds } from "./open-feeds.ts";
import { PeopleBook } from "./people-book.ts";
import { readPrincipal } from "./principal-header.ts";

/** Gateways whose name starts so hold native sockets: an object has one automatic answer to pings, and theirs differ. */
export const NATIVE_PREFIX = "native-";

/** Connections of one place that carry many conversations each, over Socket.IO or the native protocol. Entry points only. */
export class Gateway extends DurableObject<Env> implements GatewayRpc {
  readonly #alarm: EarliestAlarm;
  readonly #deliveries: Deliveries;
  readonly #chats: ChatSockets;
  readonly #natives: NativeSockets;
  readonly #socketIo: SocketIoServer | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    applySchema(ctx.storage, [{ id: "0001_partial_packet", sql: partialPacket }]);
    this.#alarm = new EarliestAlarm(ctx.storage);
    const schedule = (at: number | null) => this.#alarm.within(at);
    const { parts, deliveries } = partsOf(ctx, env);
    this.#deliveries = deliveries;
    this.#chats = new ChatSockets(parts, schedule);
    this.#natives = new NativeSockets(ctx, parts, schedule);
    if (isNative(ctx)) {
      this.#socketIo = null;
      ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
      this.#natives.wake();
    } else {
      const namespaces = new Map([["/", this.#chats]]);
      this.#socketIo = new SocketIoServer(ctx, socketIoRules(env), namespaces, {
        schedule,
        failed: (error) => logEvent("handler_failed", { error: errorText(error) }),
        handshake,
      });
      this.#chats.wake(this.#socketIo.sockets());
    }
  }

  /** Requests of the worker's two doors. */
  override async fetch(request: Request): Promise<Response> {
    if (this.#socketIo !== null) return this.#socketIo.engine.fetch(request);
    const person = readPrincipal(request.headers);
    if (person === null) throw new Error("the worker names who opens a native socket");
    if (this.#natives.size < LIMITS.gatewayConnections) return this.#natives.accept(person);
    return new Response(null, { status: 503, headers: { [FULL_HEADER]: "1" } });
  }

  async deliver(delivery: Delivery): Promise<{ following: boolean }> {
    return this.#deliveries.deliver(delivery);
  }

  async handOver(
    userId: UserId,
    handOver: HandOver,
  ): Promise<{ connected: boolean; following: boolean }> {
    return this.#deliveries.handOver(userId, handOver);
  }

  async notify(userId: UserId, notification: StoredNotification): Promise<{ connected: boolean }> {
    return this.#deliveries.notify(userId, notification);
  }

  async expel(userId: UserId): Promise<void> {
    this.#chats.expel(userId);
    this.#natives.expel(userId);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> | void {
    if (this.#socketIo === null) return this.#natives.message(socket, data);
    this.#socketIo.engine.webSocketMessage(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    if (this.#socketIo === null) this.#natives.closed(socket, code, reason);
    else this.#socketIo.engine.webSocketClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    if (this.#socketIo === null) this.#natives.lost(socket);
    else this.#socketIo.engine.webSocketError(socket);
  }

  /** Never throws: six throws, and the platform drops the alarm. */
  override alarm(): void {
    this.#alarm.fired();
    try {
      const now = Date.now();
      this.#chats.tick(now);
      this.#natives.tick(now);
      this.#socketIo?.tick();
    } catch (error) {
      logEvent("tick_failed", { error: errorText(error) });
    }
    this.#alarm.within(this.#chats.dueAt());
    this.#alarm.within(this.#natives.dueAt());
    this.#alarm.within(this.#socketIo?.engine.dueAt() ?? null);
  }
}

function partsOf(ctx: DurableObjectState, env: Env): { parts: ChatParts; deliveries: Deliveries } {
  const gateway = ctx.id.name ?? "";
  const config = () => configOf(env);
  const calls = new ConversationCalls(env);
  const sends = new GatheredSends((id, appends) =>
    calls.call(id, (stub) => stub.appendAll(appends)),
  );
  const people = new PeopleBook(env, config);
  const shown = isNative(ctx) ? null : people;
  const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise);
  const keys = new OffsetKeys(() => gatewaySecretOf(config()));
  const feeds = new OpenFeeds(new FeedStore(ctx.storage), keys);
  const hub = new Hub({ gateway, calls, feeds, waitUntil });
  const missed = new MissedEvents({ hub, feeds, calls, people: shown });
  const deliveries = new Deliveries({ hub, feeds, missed, people: shown, waitUntil });
  const rate = sessionRate(env);
  const parts = { env, config, gateway, hub, missed, keys, calls, sends, people, rate, waitUntil };
  return { parts, deliveries };
}

function isNative({ id }: DurableObjectState): boolean {
  return id.name?.startsWith(NATIVE_PREFIX) === true;
}

/** What a handshake says of who comes and how they speak. */
function handshake(request: Request): ChatHandshake {
  const dialect = new URL(request.url).searchParams.get("dialect");
  return {
    person: readPrincipal(request.headers),
    dialect: dialect === "chat-svc" ? "chat-svc" : "ngomna",
  };
}
