import type { Frame } from "../../core/engine-io/packet.ts";
import type { EndReason } from "../../core/engine-io/session-state.ts";
import { EngineServer, type EngineHandlers, type EngineRules } from "../engine-io/engine-server.ts";
import type { EngineSession } from "../engine-io/engine-session.ts";
import type { NamespaceHandlers } from "./handlers.ts";
import { IoConnection, type ConnectionHost } from "./io-connection.ts";
import type { IoSocket } from "./io-socket.ts";
import { PartialStore } from "./partial-store.ts";

export interface SocketIoRules extends EngineRules {
  /** How long a client may take to connect its first namespace. */
  connectTimeoutMs: number;
  recovery: boolean;
}

/** What the object that mounts this has to give. */
export interface SocketIoHost {
  /** Has the object's alarm go off by then, and `tick` called. */
  schedule(at: number | null): void;
  /** A handler threw; its session has been ended. */
  failed(error: unknown): void;
  /** What has to be remembered of a handshake until namespaces are connected: JSON, small. */
  handshake(request: Request): unknown;
}

const ID_BYTES = 15;

/** Socket.IO v5 over the Engine.IO sessions of one Durable Object. Knows nothing of what its events mean. */
export class SocketIoServer implements ConnectionHost, EngineHandlers {
  readonly engine: EngineServer;
  readonly namespaces: ReadonlyMap<string, NamespaceHandlers>;
  readonly partials: PartialStore;
  readonly #rules: SocketIoRules;
  readonly #connections = new Map<EngineSession, IoConnection>();
  readonly #host: SocketIoHost;

  constructor(
    ctx: DurableObjectState,
    rules: SocketIoRules,
    namespaces: ReadonlyMap<string, NamespaceHandlers>,
    host: SocketIoHost,
  ) {
    this.#rules = rules;
    this.namespaces = namespaces;
    this.partials = new PartialStore(ctx.storage.sql);
    this.#host = host;
    this.engine = new EngineServer(ctx, rules, this, (at) => host.schedule(at));
  }

  get maxPayloadBytes(): number {
    return this.#rules.maxPayloadBytes;
  }

  get recovery(): boolean {
    return this.#rules.recovery;
  }

  /** Every connected socket of every namespace. */
  *sockets(): Generator<IoSocket> {
    for (const connection of this.#connections.values()) yield* connection.sockets();
  }

  tick(): void {
    const now = Date.now();
    for (const connection of this.#connections.values()) {
      if (connection.isLate(now)) connection.close();
    }
    this.engine.tick();
  }

  newId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
    return bytes.toBase64({ alphabet: "base64url" });
  }

  opened(session: EngineSession, request: Request): void {
    const connectBy = Date.now() + this.#rules.connectTimeoutMs;
    const handshake = this.#host.handshake(request);
    this.#connections.set(session, IoConnection.open(this, session, connectBy, handshake));
  }

  woken(session: EngineSession): void {
    const connection = IoConnection.wake(this, session);
    if (connection === null) session.close("server failed");
    else this.#connections.set(session, connection);
  }

  message(session: EngineSession, data: Frame): void | Promise<void> {
    return this.#connections.get(session)?.receive(data);
  }

  ended(session: EngineSession, reason: EndReason): void {
    const connection = this.#connections.get(session);
    this.#connections.delete(session);
    connection?.ended(reason);
  }

  failed(error: unknown): void {
    this.#host.failed(error);
  }
}
