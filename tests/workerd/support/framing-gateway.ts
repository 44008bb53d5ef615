import { DurableObject } from "cloudflare:workers";
import { EarliestAlarm } from "../../../durable-objects/gateway/earliest-alarm.ts";
import { applySchema } from "../../../durable-objects/storage/schema.ts";
import type {
  Admission,
  ClientEvent,
  ConnectRequest,
  NamespaceHandlers,
} from "../../../durable-objects/socket-io/handlers.ts";
import type { IoSocket } from "../../../durable-objects/socket-io/io-socket.ts";
import { SocketIoServer } from "../../../durable-objects/socket-io/socket-io-server.ts";
import partials from "../../../migrations/gateway/0001_partial_packet.sql";

/** Pings every second, yet sleeps: a test need not wait long for many of them. */
export const FRAMING_RULES = {
  pingIntervalMs: 1_000,
  pingTimeoutMs: 800,
  maxPayloadBytes: 10_000,
  maxSessions: 120,
  sleeps: true,
  upgradeTimeoutMs: 10_000,
  bufferedBytes: 600_000,
  connectTimeoutMs: 45_000,
  recovery: true,
};

/** The framing layer with handlers that show what it promises to handlers. */
export class FramingGateway extends DurableObject implements NamespaceHandlers {
  readonly server: SocketIoServer;
  readonly #alarm: EarliestAlarm;
  alarms = 0;
  messages = 0;
  failures: unknown[] = [];
  disconnects: string[] = [];

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    applySchema(ctx.storage, [{ id: "0001_partial_packet", sql: partials }]);
    this.#alarm = new EarliestAlarm(ctx.storage);
    this.server = new SocketIoServer(ctx, FRAMING_RULES, new Map([["/", this]]), {
      schedule: (at) => this.#alarm.within(at),
      handshake: () => null,
      failed: (error) => this.failures.push(error),
    });
  }

  admit({ auth, recovery }: ConnectRequest): Admission {
    if (auth["refuse"] === true) {
      return { admitted: false, message: "not you", data: { code: "INVALID_TOKEN" } };
    }
    const recovered = recovery !== null && /^\d{1,6}$/.test(recovery.offset);
    return { admitted: true, recovered, data: { name: auth["name"], calls: 0 } };
  }

  connected(socket: IoSocket, { recovery }: ConnectRequest): void {
    if (recovery !== null) {
      for (const text of this.#log().slice(Number(recovery.offset))) socket.emit("said", { text });
    }
    socket.emit("offset", String(this.#log().length));
  }

  event(socket: IoSocket, { name, args, reply }: ClientEvent): void | Promise<void> {
    switch (name) {
      case "whoami": {
        const data = { ...(socket.data as { name: string; calls: number }) }; // as `admit` made it
        data.calls += 1;
        socket.data = data;
        return reply?.({ id: socket.id, ...data });
      }
      case "say":
        return this.#say(String(args[0]));
      case "echo":
        return socket.emit("echo", ...args);
      case "question":
        return void socket.ask("question", { of: "the server" });
      case "throw":
        throw new Error("a handler's bug");
      case "reject":
        return Promise.reject(new Error("a handler's slow bug"));
      case "leave":
        return socket.disconnect();
      case "cut":
        return socket.cut();
    }
  }

  answered(socket: IoSocket, ackId: number, args: unknown[]): void {
    socket.emit("answered", { ackId, args });
  }

  disconnected(socket: IoSocket, reason: string): void {
    this.disconnects.push(`${(socket.data as { name: string }).name}: ${reason}`); // as `admit` made it
  }

  override fetch(request: Request): Promise<Response> {
    return this.server.engine.fetch(request);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.messages += 1;
    this.server.engine.webSocketMessage(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.server.engine.webSocketClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.server.engine.webSocketError(socket);
  }

  override alarm(): void {
    this.alarms += 1;
    this.#alarm.fired();
    this.server.tick();
    this.#alarm.within(this.server.engine.dueAt());
  }

  #say(text: string): void {
    const log = [...this.#log(), text];
    this.ctx.storage.kv.put("log", log);
    for (const socket of this.server.sockets()) {
      socket.emit("said", { text });
      socket.emit("offset", String(log.length));
    }
  }

  #log(): string[] {
    return this.ctx.storage.kv.get<string[]>("log") ?? [];
  }
}
