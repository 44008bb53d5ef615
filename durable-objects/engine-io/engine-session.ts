import { ReadingProof } from "../../core/reading-proof.ts";
import { type Frame, messageFrame, PING, PONG } from "../../core/engine-io/packet.ts";
import { sessionDueAt, stepSession } from "../../core/engine-io/session.ts";
import type {
  EndReason,
  PollAnswer,
  SessionEffect,
  SessionInput,
  SessionRules,
  SessionState,
} from "../../core/engine-io/session-state.ts";
import { pollResponse } from "./answers.ts";
import type { PollingStore } from "./polling-store.ts";
import { SavedSession } from "./saved-session.ts";
import type { OfferRecord } from "./session-record.ts";

/** What the sessions of one object share. */
export interface SessionHost {
  readonly rules: SessionRules;
  readonly store: PollingStore;
  message(session: EngineSession, data: Frame): void;
  ended(session: EngineSession, reason: EndReason): void;
  gone(session: EngineSession): void;
  /** When the runtime last answered a pong of this socket in our place. */
  heardAt(socket: WebSocket): number | null;
  /** Has the session settled at the end of this turn. */
  touched(session: EngineSession): void;
}

/** Where a session comes from: a handshake, or what was kept of it. */
export interface Origin {
  state: SessionState;
  socket: WebSocket | null;
  data: unknown;
  /** Whether it has rows. */
  stored: boolean;
}

/** A GET that waits for packets. */
interface PendingPoll {
  readonly response: Promise<Response>;
  answer(answer: PollAnswer): void;
}

/** What an input means for the request that brought it. */
interface Outcome {
  answer: PollAnswer | null;
  poll: PendingPoll | null;
  offerAccepted: boolean;
}

/** How long a GET beside an upgrade is held for the frame it may have overtaken; the reference's own pace. */
const RIPENING_MS = 100;

/** One Engine.IO session: carries out what `core/engine-io/session.ts` decides, and keeps what has to survive sleep. */
export class EngineSession {
  readonly sid: string;
  readonly #host: SessionHost;
  #state: SessionState;
  #socket: WebSocket | null;
  #offer: WebSocket | null = null;
  #poll: PendingPoll | null = null;
  #ripening: ReturnType<typeof setTimeout> | undefined;
  /** Whether the handlers have had their last word. */
  #ended: boolean;
  #data: unknown;
  readonly #saved: SavedSession;
  readonly #reading = new ReadingProof();
  /** When the ping that asks for a proof of reading left. */
  #askedAt: number | null = null;

  constructor(host: SessionHost, sid: string, origin: Origin) {
    this.#host = host;
    this.sid = sid;
    this.#state = origin.state;
    this.#socket = origin.socket;
    this.#data = origin.data;
    this.#ended = origin.state.transport === "closing";
    this.#saved = new SavedSession(host.store, sid, origin);
  }

  get data(): unknown {
    return this.#data;
  }

  /** What the handlers want to find again after sleep: plain data, a few kilobytes at most. */
  set data(data: unknown) {
    this.#data = data;
    this.#host.touched(this);
  }

  get isOpen(): boolean {
    return this.#state.transport === "polling" || this.#state.transport === "websocket";
  }

  /** What its WebSocket was sent and has not proved to have read; characters and bytes. */
  get owed(): number {
    if (this.#askedAt !== null && this.#socket !== null) {
      // where the runtime answers pongs, nobody else tells
      const heardAt = this.#host.heardAt(this.#socket);
      if (heardAt !== null && heardAt >= this.#askedAt) this.#heard();
    }
    return this.#reading.owed;
  }

  dueAt(now: number): number | null {
    return sessionDueAt(this.#state, now, this.#host.rules);
  }

  /** Messages in order. On a WebSocket each leaves at once; for a GET those of one turn are gathered. */
  send(...messages: readonly Frame[]): void {
    this.sendFrames(messages.map(messageFrame));
  }

  /** The same with frames that were made once for many sessions. */
  sendFrames(frames: readonly Frame[]): void {
    if (this.#state.transport === "websocket") this.#socketSend(frames);
    else this.#apply({ type: "send", frames });
  }

  close(reason: EndReason = "server closed"): void {
    this.#apply({ type: "close", reason });
  }

  async poll(): Promise<Response> {
    const { answer, poll } = this.#apply({ type: "poll" });
    if (answer !== null) return pollResponse(answer);
    if (poll === null) throw new Error("a poll was neither answered nor accepted");
    return poll.response;
  }

  /** A POST begins; the answer when it may not. */
  beginPost(): PollAnswer | null {
    return this.#apply({ type: "post" }).answer;
  }

  endPost(frames: readonly Frame[] | null): void {
    this.#apply({ type: "posted", frames });
  }

  /** A WebSocket wants to take over; `accept` is called if it may try. */
  offer(accept: () => WebSocket): boolean {
    const { offerAccepted } = this.#apply({ type: "offer" });
    if (offerAccepted) this.#offer = accept();
    return offerAccepted;
  }

  /** A frame of one of its sockets. */
  receive(socket: WebSocket, frame: Frame): void {
    if (socket === this.#offer) this.#apply({ type: "offer-frame", frame });
    else if (socket === this.#socket) {
      if (frame === PONG) this.#heard();
      this.#apply({ type: "frame", frame });
    }
  }

  lost(socket: WebSocket): void {
    if (socket === this.#offer) this.#apply({ type: "offer-gone" });
    else if (socket === this.#socket) this.#apply({ type: "socket-gone" });
  }

  tick(): void {
    const heardAt = this.#socket === null ? null : this.#host.heardAt(this.#socket);
    this.#apply({ type: "tick", heardAt });
  }

  /** Takes an offered socket back after sleep. */
  adoptOffer(socket: WebSocket, { offeredAt, probed }: OfferRecord): void {
    this.#offer = socket;
    this.#state = { ...this.#state, upgrade: { offeredAt, probed } };
  }

  /** The end of a turn: what was gathered leaves, and what changed is kept. */
  settle(): void {
    this.#apply({ type: "settle" });
    this.#saved.save(this.#state, this.#data, this.#socket, this.#offer);
  }

  /** Asks the runtime only where it matters: this is on the way of every frame. */
  #owesMoreThan(units: number): boolean {
    return this.#reading.owed > units && this.owed > units;
  }

  #heard(): void {
    this.#reading.answered();
    this.#askedAt = null;
  }

  #apply(input: SessionInput): Outcome {
    const outcome: Outcome = { answer: null, poll: null, offerAccepted: false };
    const { state, effects } = stepSession(this.#state, input, Date.now(), this.#host.rules);
    this.#state = state;
    for (const effect of effects) this.#perform(effect, outcome);
    if (input.type !== "settle") this.#host.touched(this);
    return outcome;
  }

  #perform(effect: SessionEffect, outcome: Outcome): void {
    switch (effect.type) {
      case "accept-poll":
        this.#poll = outcome.poll = pendingPoll();
        if (effect.ripens) {
          this.#ripening = setTimeout(() => this.#apply({ type: "poll-ripe" }), RIPENING_MS);
        }
        return;
      case "answer-poll":
        if (this.#ripening !== undefined) clearTimeout(this.#ripening);
        this.#poll?.answer(effect.answer);
        this.#poll = null;
        return;
      case "answer":
        outcome.answer = effect.answer;
        return;
      case "accept-offer":
        outcome.offerAccepted = true;
        return;
      case "reject-offer":
        return;
      case "offer-send":
        this.#offer?.send(effect.frame);
        return;
      case "drop-offer":
        closeForGood(this.#offer);
        this.#offer = null;
        return;
      case "adopt-offer":
        this.#socket = this.#offer;
        this.#offer = null;
        return;
      case "socket-send":
        return this.#socketSend(effect.frames);
      case "socket-close":
        return closeForGood(this.#socket);
      case "message":
        // the handler of an earlier message of the same payload may have ended it
        if (!this.#ended) this.#host.message(this, effect.data);
        return;
      case "ended":
        this.#ended = true;
        return this.#host.ended(this, effect.reason);
      case "gone":
        this.#saved.forget();
        return this.#host.gone(this);
    }
  }

  /**
   * The runtime queues without bound, so a reader proves that it reads: a ping is also a question, and its pong the answer.
   * One that owes too much is cut, so that memory stays flat; its client reconnects and recovers.
   */
  #socketSend(frames: readonly Frame[]): void {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN) return;
    const { bufferedBytes } = this.#host.rules;
    for (const frame of frames) {
      if (this.#owesMoreThan(bufferedBytes)) return this.close("too far behind");
      socket.send(frame);
      this.#reading.sent(frame.length);
    }
    if (!this.#reading.isDue) return;
    this.#reading.ask();
    this.#askedAt = Date.now();
    socket.send(PING);
  }
}

/** Takes its record away as well, so that an object that wakes before the client has answered does not revive it. */
function closeForGood(socket: WebSocket | null): void {
  socket?.serializeAttachment(null);
  socket?.close();
}

function pendingPoll(): PendingPoll {
  const { promise, resolve } = Promise.withResolvers<Response>();
  return { response: promise, answer: (answer) => resolve(pollResponse(answer)) };
}
