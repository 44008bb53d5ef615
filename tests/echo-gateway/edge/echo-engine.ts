import { DurableObject } from "cloudflare:workers";
import { EarliestAlarm } from "../../../durable-objects/gateway/earliest-alarm.ts";
import { EngineServer } from "../../../durable-objects/engine-io/engine-server.ts";
import { errorText, logEvent } from "../../../edge/log.ts";
import { echoRules, type EchoEnv } from "./rules.ts";

/** Engine.IO alone: every message comes back. */
export class EchoEngine extends DurableObject<EchoEnv> {
  readonly #alarm: EarliestAlarm;
  readonly #server: EngineServer;

  constructor(ctx: DurableObjectState, env: EchoEnv) {
    super(ctx, env);
    this.#alarm = new EarliestAlarm(ctx.storage);
    this.#server = new EngineServer(
      ctx,
      echoRules(env),
      {
        opened: () => undefined,
        woken: () => undefined,
        message: (session, data) => session.send(data),
        ended: () => undefined,
        failed: (error) => logEvent("handler_failed", { error: errorText(error) }),
      },
      (at) => this.#alarm.within(at),
    );
  }

  override fetch(request: Request): Promise<Response> {
    return this.#server.fetch(request);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#server.webSocketMessage(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#server.webSocketClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#server.webSocketError(socket);
  }

  override alarm(): void {
    this.#alarm.fired();
    this.#server.tick();
    this.#alarm.within(this.#server.dueAt());
  }
}
