import { DurableObject } from "cloudflare:workers";
import { EarliestAlarm } from "../../../durable-objects/gateway/earliest-alarm.ts";
import { errorText, logEvent } from "../../../edge/log.ts";
import { applySchema } from "../../../durable-objects/storage/schema.ts";
import type { NamespaceHandlers } from "../../../durable-objects/socket-io/handlers.ts";
import { SocketIoServer } from "../../../durable-objects/socket-io/socket-io-server.ts";
import partials from "../../../migrations/gateway/0001_partial_packet.sql";
import { echoRules, type EchoEnv } from "./rules.ts";

/** What the server of the official protocol tests does, in both namespaces. */
const echo: NamespaceHandlers = {
  admit: () => ({ admitted: true, recovered: false, data: null }),
  connected: (socket, { auth }) => socket.emit("auth", auth),
  event: (socket, { name, args, reply }) => {
    if (name === "message") socket.emit("message-back", ...args);
    if (name === "message-with-ack") reply?.(...args);
  },
  answered: () => undefined,
  disconnected: () => undefined,
};

/** Socket.IO: `/` and `/custom`, both of them echoes. */
export class EchoGateway extends DurableObject<EchoEnv> {
  readonly #alarm: EarliestAlarm;
  readonly #server: SocketIoServer;

  constructor(ctx: DurableObjectState, env: EchoEnv) {
    super(ctx, env);
    applySchema(ctx.storage, [{ id: "0001_partial_packet", sql: partials }]);
    this.#alarm = new EarliestAlarm(ctx.storage);
    const namespaces = new Map([
      ["/", echo],
      ["/custom", echo],
    ]);
    this.#server = new SocketIoServer(ctx, echoRules(env), namespaces, {
      schedule: (at) => this.#alarm.within(at),
      handshake: () => null,
      failed: (error) => logEvent("handler_failed", { error: errorText(error) }),
    });
  }

  override fetch(request: Request): Promise<Response> {
    return this.#server.engine.fetch(request);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#server.engine.webSocketMessage(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#server.engine.webSocketClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#server.engine.webSocketError(socket);
  }

  override alarm(): void {
    this.#alarm.fired();
    this.#server.tick();
    this.#alarm.within(this.#server.engine.dueAt());
  }
}
