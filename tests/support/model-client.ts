import { expect } from "vitest";
import { step } from "../../client/connection.ts";
import {
  idleConnection,
  type Connection,
  type Effect,
  type Input,
  type Timer,
} from "../../client/connection-state.ts";
import { encodeSend } from "../../client/outgoing-send.ts";
import { RECONNECT_MAX_MS } from "../../client/reconnect.ts";
import type { ReaderEvent } from "../../protocol/event.ts";
import type { ModelConversation, ModelSession } from "./model-conversation.ts";

interface Socket {
  dial: number;
  session: ModelSession | undefined;
  toServer: string[];
}

/** A connection, the model of its server, and a network between them that a test can tear at any point. */
export class ModelClient {
  readonly server: ModelConversation;
  readonly userId: string;
  readonly delivered: ReaderEvent[] = [];
  readonly outcomes = new Map<string, string[]>();
  readonly timers = new Map<Timer, number>();
  connection: Connection = idleConnection(0);
  socket: Socket | undefined;
  dials = 0;
  #keys = 0;

  constructor(server: ModelConversation, userId: string) {
    this.server = server;
    this.userId = userId;
  }

  input(input: Input, random = 0.5): void {
    const { connection, effects } = step(this.connection, input, random);
    this.connection = connection;
    for (const effect of effects) this.#perform(effect);
  }

  send(): void {
    const key = `${this.userId}-${++this.#keys}`;
    this.outcomes.set(key, []);
    const frame = encodeSend(key, key);
    if (!frame.ok) throw new Error(frame.error.message);
    this.input({ type: "send", clientMessageId: key, frame: frame.value });
  }

  accept(): void {
    if (this.socket === undefined || this.socket.session !== undefined) return;
    this.socket.session = this.server.connect(this.userId);
    this.input({ type: "opened", dial: this.socket.dial });
  }

  /** The server reads one text. */
  serve(): boolean {
    const session = this.socket?.session;
    const text = session === undefined ? undefined : this.socket?.toServer.shift();
    if (session === undefined || text === undefined) return false;
    if (text !== '{"type":"ping"}') this.server.receive(session, text);
    else session.outbox.push('{"type":"pong"}');
    return true;
  }

  /** The client reads one text. */
  receive(): boolean {
    const text = this.socket?.session?.outbox.shift();
    if (this.socket === undefined || text === undefined) return false;
    this.input({ type: "text", dial: this.socket.dial, text });
    return true;
  }

  cut(code: number): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.#dropSocket();
    this.input({ type: "lost", dial: socket.dial, code, reason: "" });
  }

  fire(timer: Timer): void {
    if (this.timers.delete(timer)) this.input({ type: "timeout", timer });
  }

  /** One turn of a network that behaves: whatever is under way moves on, and when nothing is, time passes. */
  turn(): void {
    this.input({ type: "flush" });
    this.accept();
    const busy = this.serve() || this.receive();
    if (!busy) for (const timer of ["reconnect", "resend"] as const) this.fire(timer);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "tell":
        break;
      case "dial":
        expect(this.socket, "two dials at once").toBeUndefined();
        this.socket = { dial: effect.dial, session: undefined, toServer: [] };
        this.dials++;
        return;
      case "transmit":
        return void this.socket?.toServer.push(effect.text);
      case "hangUp":
        return this.#dropSocket();
      case "startTimer":
        expect(effect.ms).toBeGreaterThanOrEqual(0);
        expect(effect.ms).toBeLessThanOrEqual(RECONNECT_MAX_MS);
        return void this.timers.set(effect.timer, effect.ms);
      case "stopTimers":
        return effect.timers.forEach((timer) => this.timers.delete(timer));
      case "deliver":
        for (const event of effect.events) {
          expect(event.seq, "the next seq").toBe(this.delivered.length + 1);
          this.delivered.push(event);
        }
        return;
      case "stored":
        return void this.outcomes.get(effect.clientMessageId)?.push("stored");
      case "failed":
        return void this.outcomes.get(effect.clientMessageId)?.push(effect.failure.type);
      case "reset":
        return void (this.delivered.length = 0);
      case "greeted":
      case "report":
        return;
    }
  }

  #dropSocket(): void {
    if (this.socket?.session !== undefined) this.server.cut(this.socket.session);
    this.socket = undefined;
  }
}

/** The network behaves from now on: everything must come right by itself. */
export function heal(server: ModelConversation, clients: readonly ModelClient[]): void {
  server.limited = 0;
  server.skipped = 0;
  for (const client of clients) client.input({ type: "open" });
  server.append("other", "last", "shows a hole, if there is one");
  for (let turn = 0; turn < HEALING_TURNS; turn++) for (const client of clients) client.turn();
}

const HEALING_TURNS = 2_000;
