import { expect } from "vitest";
import { step } from "../../client/connection.ts";
import {
  idleConnection,
  type Connection,
  type Effect,
  type Input,
  type Timer,
} from "../../client/connection-state.ts";
import type { ConnectionPorts } from "../../client/conversation-session.ts";
import { encodeSend } from "../../client/outgoing-send.ts";
import { SharedSocket } from "../../client/shared-socket.ts";
import type { Transport } from "../../client/transport.ts";
import type { ReaderEvent } from "../../protocol/event.ts";
import { conversationId } from "./ids.ts";
import type { ModelConversation } from "./model-conversation.ts";
import { conversationEnd, ModelGateway } from "./model-gateway.ts";
import { ModelTimers } from "./model-timers.ts";
import { TornNetwork } from "./torn-network.ts";

/** How a client of the model reaches it. */
export interface ModelWay {
  network: TornNetwork;
  timers: ModelTimers;
  ports: Pick<ConnectionPorts, "dial" | "timers">;
}

/** A socket of the conversation's own. */
export function directWay(server: ModelConversation, userId: string): ModelWay {
  const network = new TornNetwork(() => conversationEnd(server, userId));
  const timers = new ModelTimers();
  return { network, timers, ports: { dial: network.dial, timers: timers.makeTimers() } };
}

/** The socket for many conversations, with this one on it. */
export function sharedWay(server: ModelConversation, userId: string): ModelWay {
  const socket = modelSocket(new Map([[TEAM, server]]), userId);
  return { ...socket, ports: socket.shared.conversation(TEAM) };
}

/** A socket for many conversations on a network of its own. */
export function modelSocket(
  servers: ReadonlyMap<string, ModelConversation>,
  userId: string,
): Omit<ModelWay, "ports"> & { shared: SharedSocket } {
  const network = new TornNetwork(() => new ModelGateway(servers, userId));
  const timers = new ModelTimers();
  const shared = new SharedSocket("ws://edge/socket", {
    dial: network.dial,
    token: () => Promise.resolve("jwt"),
    makeTimers: () => timers.makeTimers(),
  });
  return { network, timers, shared };
}

const TEAM = conversationId("team-1");

/** A connection, the model of its server, and a network between them that a test can tear at any point. */
export class ModelClient {
  readonly server: ModelConversation;
  readonly userId: string;
  readonly network: TornNetwork;
  readonly delivered: ReaderEvent[] = [];
  readonly outcomes = new Map<string, string[]>();
  connection: Connection = idleConnection(0);
  readonly #timers: ModelTimers;
  readonly #ports: ModelWay["ports"];
  #transport: Transport | undefined;
  #keys = 0;

  constructor(server: ModelConversation, userId: string, { network, timers, ports }: ModelWay) {
    this.server = server;
    this.userId = userId;
    this.network = network;
    this.#timers = timers;
    this.#ports = ports;
  }

  get pendingTimers(): number {
    return this.#timers.pending;
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

  /** There is no token to dial with. */
  noToken(): void {
    const { phase, dial } = this.connection;
    if (phase.state !== "dialing") return;
    this.#transport?.close(1000, "");
    this.input({
      type: "undialable",
      dial,
      why: { code: "NETWORK", message: "", retryable: true },
    });
  }

  fire(timer: Timer): void {
    this.#timers.fire(timer);
  }

  /** One turn of a network that behaves: whatever is under way moves on, and when nothing is, time passes. */
  turn(): void {
    this.input({ type: "flush" });
    this.network.accept();
    const busy = this.network.serve() || this.network.receive();
    if (!busy) for (const timer of ["reconnect", "resend"] as const) this.fire(timer);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "tell":
        break;
      case "dial":
        return this.#dial(effect.dial);
      case "transmit":
        return this.#transport?.send(effect.text);
      case "hangUp":
        return this.#transport?.close(effect.code, effect.reason);
      case "startTimer":
        return this.#ports.timers.start(effect.timer, effect.ms, () =>
          this.input({ type: "timeout", timer: effect.timer }),
        );
      case "stopTimers":
        return effect.timers.forEach((timer) => this.#ports.timers.stop(timer));
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

  #dial(dial: number): void {
    this.#transport = this.#ports.dial("", [], {
      opened: () => this.input({ type: "opened", dial }),
      text: (text) => this.input({ type: "text", dial, text }),
      lost: (code, reason) => this.input({ type: "lost", dial, code, reason }),
    });
  }
}

/** The network behaves from now on: everything must come right by itself. */
export async function heal(
  servers: readonly ModelConversation[],
  clients: readonly ModelClient[],
): Promise<void> {
  for (const server of servers) {
    server.limited = 0;
    server.skipped = 0;
  }
  for (const client of clients) client.input({ type: "open" });
  for (const server of servers) server.append("other", "last", "shows a hole, if there is one");
  for (let turn = 0; turn < HEALING_TURNS; turn++) {
    for (const client of clients) client.turn();
    await turnEnds();
  }
}

/** What waits for the end of a turn happens. */
export async function turnEnds(): Promise<void> {
  await Promise.resolve();
}

const HEALING_TURNS = 2_000;
