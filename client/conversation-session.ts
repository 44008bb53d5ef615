import type { ReaderEvent } from "../protocol/event.ts";
import { messageIdOf, type ConversationId, type MessageId } from "../protocol/ids.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { Result } from "../protocol/result.ts";
import type { WelcomeFrame } from "../protocol/server-frames.ts";
import { SUBPROTOCOL } from "../protocol/version.ts";
import { step } from "./connection.ts";
import {
  idleConnection,
  type ConnectionState,
  type Effect,
  type EphemeralFrame,
  type Input,
  type SendFailure,
} from "./connection-state.ts";
import { Emitter } from "./emitter.ts";
import {
  LogReplacedError,
  ParleyError,
  QueueFullError,
  RefusedError,
  refused,
  SessionClosedError,
  type Refused,
} from "./errors.ts";
import { EventBuffer } from "./event-buffer.ts";
import { encodeChange, encodeSend, type ChangeInput, type MessageInput } from "./outgoing-send.ts";
import { PendingAcks } from "./pending-acks.ts";
import type { Timers } from "./timers.ts";
import type { DialTransport, Transport } from "./transport.ts";

/** What a session, or the list's feed, needs to be connected. */
export interface ConnectionPorts {
  dial: DialTransport;
  /** An access token; `fresh`: the last one was refused. Rejects when there is none. */
  token(fresh: boolean): Promise<string>;
  timers: Timers;
}

/** What a session needs of the world. */
export interface SessionPorts extends ConnectionPorts {
  /** In [0, 1). */
  random(): number;
  randomId(): string;
}

type Ephemeral<Type extends EphemeralFrame["type"]> = Extract<EphemeralFrame, { type: Type }>;

export interface SessionEvents {
  /** New events, consecutive, each once. */
  events: readonly ReaderEvent[];
  /** A socket is live: who is in the conversation, and who I am. Events that were missed follow. */
  welcome: WelcomeFrame;
  /** The log is another one: forget every event so far, reading starts over. */
  reset: undefined;
  state: ConnectionState;
  /** Beside the log: receipts, typing, presence, and messages hidden on another device. */
  receipts: Ephemeral<"receipts">["receipts"];
  receiptCounts: Ephemeral<"receiptCounts">["counts"];
  typing: Ephemeral<"typing">;
  presence: Ephemeral<"presence">;
  hidden: Ephemeral<"hidden">;
  /** To those who may answer them. */
  joinRequests: Ephemeral<"joinRequests">;
  /** What concerns no single send; after one that says not to retry, the state is `closed`. */
  error: ParleyError;
}

export interface SendOptions {
  /** The message's own key; drawn when absent. */
  clientMessageId?: string;
  /** Only if nothing came after this seq; else it fails with `CONFLICT`. */
  ifLastSeq?: number;
  /** The W3C trace that the sending is part of; it goes with the message to Kafka and the archive. */
  traceparent?: string;
}

/** The change is durable. */
export interface Stored {
  seq: number;
  messageId: MessageId;
  at: number;
}

/**
 * One conversation, live: every event once and in order, every send stored exactly once, over any number of sockets.
 * A thin shell: `connection.ts` decides, this performs.
 */
export class ConversationSession implements AsyncIterable<ReaderEvent> {
  readonly conversationId: ConversationId;
  readonly #url: string;
  readonly #ports: SessionPorts;
  readonly #emitter = new Emitter<SessionEvents>();
  readonly #acks = new PendingAcks<Stored>();
  readonly #buffers = new Set<EventBuffer>();
  readonly #inbox: Input[] = [];
  #connection;
  #transport: Transport | undefined;
  #stepping = false;
  #flushPlanned = false;

  /** Reads what is after `cursor`: 0 for the whole log, the last seq of a history page to go on from there. */
  constructor(url: string, conversationId: ConversationId, cursor: number, ports: SessionPorts) {
    this.conversationId = conversationId;
    this.#url = url;
    this.#ports = ports;
    this.#connection = idleConnection(cursor);
  }

  get state(): ConnectionState {
    return this.#connection.phase.state;
  }

  /** Highest seq delivered. */
  get cursor(): number {
    return this.#connection.cursor;
  }

  /** Connects and stays connected until `close`. */
  open(): void {
    this.#dispatch({ type: "open" });
  }

  /** Ends the session; sends without an ack fail with `SESSION_CLOSED`. */
  close(): void {
    this.#dispatch({ type: "close" });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The network may be back, or gone unnoticed: call it e.g. on the window's `online` event. */
  wake(): void {
    this.#dispatch({ type: "wake" });
  }

  /** Returns the way to stop listening. */
  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: (value: SessionEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /**
   * Resolves when the message is durable, through cuts and resends; rejects with a `ParleyError`. A failed send can be
   * tried again under its `clientMessageId`, also in another session: the log holds it once.
   */
  send(message: MessageInput, options: SendOptions = {}): Promise<Stored> {
    const clientMessageId = options.clientMessageId ?? this.#ports.randomId();
    return this.#queue(clientMessageId, () => encodeSend(clientMessageId, message, options));
  }

  /** New content for an own message, by its seq. */
  edit(target: number, content: string): Promise<Stored> {
    return this.#change({ type: "edit", target, content });
  }

  /** Takes a message away for everyone, or out of the own sight only. */
  remove(target: number, scope: "everyone" | "me" = "everyone"): Promise<Stored> {
    return this.#change({ type: "delete", target, scope });
  }

  react(target: number, emoji: string, active = true): Promise<Stored> {
    return this.#change({ type: "react", target, emoji, active });
  }

  /** The user has read up to here. Moving back changes nothing. */
  markRead(seq: number): void {
    this.#dispatch({ type: "receipt", read: seq });
  }

  /** The user writes, or has stopped: say it again every few seconds while it goes on. */
  typing(active: boolean): void {
    this.#dispatch({ type: "typing", active });
  }

  #change(change: ChangeInput): Promise<Stored> {
    const clientMessageId = this.#ports.randomId();
    return this.#queue(clientMessageId, () => encodeChange(clientMessageId, change));
  }

  #queue(clientMessageId: string, encode: () => Result<string, Refusal>): Promise<Stored> {
    const waiting = this.#acks.find(clientMessageId);
    if (waiting !== undefined) return waiting;
    const frame = encode();
    if (!frame.ok) return Promise.reject(new RefusedError(refused(frame.error)));
    const stored = this.#acks.add(clientMessageId);
    this.#dispatch({ type: "send", clientMessageId, frame: frame.value });
    this.#planFlush();
    return stored;
  }

  /** Events from now on. A loop that ends because the session failed throws why. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReaderEvent, undefined> {
    const buffer = new EventBuffer(() => this.#buffers.delete(buffer));
    this.#buffers.add(buffer);
    if (this.state === "closed") this.#endBuffers();
    return buffer;
  }

  /** Sends of one turn leave as one text. */
  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    queueMicrotask(() => {
      this.#flushPlanned = false;
      this.#dispatch({ type: "flush" });
    });
  }

  /** One input at a time: what listeners do inside an effect waits until the effects before it are done. */
  #dispatch(input: Input): void {
    this.#inbox.push(input);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      const before = this.state;
      const { connection, effects } = step(this.#connection, next, this.#ports.random());
      this.#connection = connection;
      for (const effect of effects) this.#perform(effect);
      if (this.state !== before) this.#emitter.emit("state", this.state);
      if (this.state === "closed") this.#endBuffers();
    }
    this.#stepping = false;
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "dial":
        return void this.#dial(effect.dial, effect.freshToken); // reports every failure as an input
      case "transmit":
        return this.#transport?.send(effect.text);
      case "hangUp":
        return this.#hangUp(effect.code, effect.reason);
      case "startTimer": {
        const { timer, ms } = effect;
        return this.#ports.timers.start(timer, ms, () =>
          this.#dispatch({ type: "timeout", timer }),
        );
      }
      case "stopTimers":
        return effect.timers.forEach((timer) => this.#ports.timers.stop(timer));
      case "greeted":
        return this.#emitter.emit("welcome", effect.welcome);
      case "reset":
        this.#endBuffers(new LogReplacedError());
        return this.#emitter.emit("reset", undefined);
      case "deliver":
        this.#buffers.forEach((buffer) => buffer.push(effect.events));
        this.#emitter.emit("events", effect.events);
        return this.#dispatch({ type: "receipt", delivered: this.cursor });
      case "tell":
        return this.#tell(effect.frame);
      case "stored":
        return this.#acks.resolve(effect.clientMessageId, this.#stored(effect.seq, effect.at));
      case "failed":
        return this.#acks.reject(effect.clientMessageId, toError(effect.failure));
      case "report":
        return this.#emitter.emit("error", new RefusedError(effect.why));
    }
  }

  #tell(frame: EphemeralFrame): void {
    switch (frame.type) {
      case "receipts":
        return this.#emitter.emit("receipts", frame.receipts);
      case "receiptCounts":
        return this.#emitter.emit("receiptCounts", frame.counts);
      case "typing":
        return this.#emitter.emit("typing", frame);
      case "presence":
        return this.#emitter.emit("presence", frame);
      case "hidden":
        return this.#emitter.emit("hidden", frame);
      case "joinRequests":
        return this.#emitter.emit("joinRequests", frame);
    }
  }

  async #dial(dial: number, freshToken: boolean): Promise<void> {
    try {
      const token = await this.#ports.token(freshToken);
      if (dial !== this.#connection.dial || this.state !== "dialing") return;
      this.#transport = this.#ports.dial(this.#url, [SUBPROTOCOL, `bearer.${token}`], {
        opened: () => this.#dispatch({ type: "opened", dial }),
        text: (text) => this.#dispatch({ type: "text", dial, text }),
        lost: (code, reason) => this.#dispatch({ type: "lost", dial, code, reason }),
      });
    } catch (error) {
      this.#dispatch({ type: "undialable", dial, why: undialable(error) });
    }
  }

  #hangUp(code: number, reason: string): void {
    this.#transport?.close(code, reason);
    this.#transport = undefined;
  }

  #stored(seq: number, at: number): Stored {
    return { seq, messageId: messageIdOf(this.conversationId, seq), at };
  }

  #endBuffers(error = this.#failure()): void {
    for (const buffer of this.#buffers) buffer.end(error);
    this.#buffers.clear();
  }

  /** Why the session ended, unless its owner closed it. */
  #failure(): ParleyError | undefined {
    const { phase } = this.#connection;
    return phase.state === "closed" && phase.why !== undefined
      ? new RefusedError(phase.why)
      : undefined;
  }
}

function toError(failure: SendFailure): ParleyError {
  switch (failure.type) {
    case "refused":
      return new RefusedError(failure.why);
    case "queueFull":
      return new QueueFullError();
    case "closed":
      return new SessionClosedError(
        failure.why === undefined ? undefined : new RefusedError(failure.why),
      );
  }
}

/** A token source that fails in its own way is taken for one that could not be reached. */
function undialable(error: unknown): Refused {
  if (!(error instanceof ParleyError))
    return { code: "NETWORK", message: "no token", retryable: true };
  return { code: error.code, message: error.message, retryable: error.shouldRetry() };
}
