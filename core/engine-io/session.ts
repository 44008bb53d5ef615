import { beginHeartbeat, nextTick, pinged, ponged } from "./heartbeat.ts";
import {
  CLOSE,
  decodeFrame,
  type Frame,
  NOOP,
  PING,
  PROBE_PING,
  PROBE_PONG,
  UPGRADE,
} from "./packet.ts";
import type {
  EndReason,
  PollAnswer,
  SessionEffect,
  SessionInput,
  SessionState,
  SessionRules,
  Step,
} from "./session-state.ts";

export function openSession(
  transport: "polling" | "websocket",
  now: number,
  rules: SessionRules,
): SessionState {
  return {
    transport,
    upgrade: null,
    poll: "none",
    posting: false,
    outbox: [],
    outboxSize: 0,
    heartbeat: beginHeartbeat(now, rules),
  };
}

/** When this session next needs a look without being asked; null once it is gone. */
export function sessionDueAt(state: SessionState, now: number, rules: SessionRules): number | null {
  if (state.transport === "gone") return null;
  const pingIsOnItsWay = state.heartbeat.pingedAt !== null || state.outbox.includes(PING);
  return pingIsOnItsWay || state.transport === "closing"
    ? nextTick(now, rules)
    : state.heartbeat.dueAt;
}

/** The one transition function. Effects are to be carried out in order, after `state` has been taken over. */
export function stepSession(
  state: SessionState,
  input: SessionInput,
  now: number,
  rules: SessionRules,
): Step {
  const step = new Transition(state, now, rules);
  step.take(input);
  return { state: step.state, effects: step.effects };
}

class Transition {
  state: SessionState;
  readonly effects: SessionEffect[] = [];
  readonly #now: number;
  readonly #rules: SessionRules;

  constructor(state: SessionState, now: number, rules: SessionRules) {
    this.state = state;
    this.#now = now;
    this.#rules = rules;
  }

  take(input: SessionInput): void {
    switch (input.type) {
      case "poll":
        return this.#poll();
      case "poll-ripe":
        return this.#pollRipe();
      case "post":
        return this.#post();
      case "posted":
        return this.#posted(input.frames);
      case "offer":
        return this.#offer();
      case "offer-frame":
        return this.#offerFrame(input.frame);
      case "offer-gone":
        return this.#endOffer();
      case "frame":
        return this.#frames([input.frame]);
      case "socket-gone":
        return this.#end("transport closed");
      case "send":
        return this.#send(input.frames);
      case "settle":
        return this.#settle();
      case "tick":
        return this.#tick(input.heardAt);
      case "close":
        return this.#close(input.reason);
    }
  }

  #poll(): void {
    if (!this.#isPolling({ mayBeLate: false })) return;
    if (this.state.poll !== "none") {
      this.#answerPoll({ frames: [CLOSE] });
      this.#answer({ refusal: "overlap" });
      return this.#end("overlapping requests");
    }
    const beside = this.state.upgrade !== null;
    this.#set({ poll: beside ? "beside" : "waiting" });
    this.effects.push({ type: "accept-poll", ripens: beside });
    if (this.state.upgrade?.probed !== true) this.#settle();
  }

  /** Whether a polling request may go on; answers it when not. A client that was given up learns it here at the latest. */
  #isPolling({ mayBeLate }: { mayBeLate: boolean }): boolean {
    const { transport, heartbeat, poll } = this.state;
    if (transport === "websocket") {
      this.#answer({ refusal: "request" });
      return false;
    }
    const isSilent = this.#now >= heartbeat.expiresAt && poll === "none";
    if (isSilent && !mayBeLate) this.#end("ping timeout");
    if (this.state.transport !== "gone") return true;
    this.#answer({ refusal: "session" });
    return false;
  }

  #pollRipe(): void {
    if (this.state.poll !== "beside") return;
    if (this.state.upgrade?.probed === true) return this.#answerPoll({ frames: [NOOP] });
    this.#set({ poll: "waiting" });
    this.#settle();
  }

  #post(): void {
    // late, but it may bring the pong
    const isAsked = this.state.heartbeat.pingedAt !== null;
    if (!this.#isPolling({ mayBeLate: isAsked })) return;
    if (this.state.posting) {
      this.#answer({ refusal: "overlap" });
      return this.#close("overlapping requests");
    }
    this.#set({ posting: true });
  }

  #posted(frames: readonly Frame[] | null): void {
    this.#set({ posting: false });
    if (frames === null) return this.#close("parse error");
    this.#frames(frames);
  }

  #frames(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.state.transport === "closing" || this.state.transport === "gone") return;
      this.#packet(frame);
    }
  }

  #packet(frame: Frame): void {
    const packet = decodeFrame(frame);
    switch (packet?.type) {
      case "message":
        this.effects.push({ type: "message", data: packet.data });
        return;
      case "pong":
        return this.#set({ heartbeat: ponged(this.state.heartbeat, this.#now, this.#rules) });
      case "close":
        return this.#goodbye();
      case "open":
      case "upgrade":
      case "noop":
        return;
      // in this version the server pings
      case "ping":
      case undefined:
        return this.#close("parse error");
    }
  }

  /** A GET that left before a goodbye by POST may come after it, on another connection; it gets its answer all the same. */
  #goodbye(): void {
    if (this.state.transport !== "polling" || this.state.poll !== "none") {
      if (this.state.poll !== "none") this.#answerPoll({ frames: [NOOP] });
      return this.#close("client closed");
    }
    this.#finish("client closed", [NOOP]);
  }

  #offer(): void {
    const { transport, upgrade } = this.state;
    if (transport !== "polling") return void this.effects.push({ type: "reject-offer" });
    if (upgrade !== null) {
      if (!this.#isOverdue(upgrade)) return void this.effects.push({ type: "reject-offer" });
      this.#dropOffer();
    }
    this.#set({ upgrade: { offeredAt: this.#now, probed: false } });
    this.effects.push({ type: "accept-offer" });
  }

  #offerFrame(frame: Frame): void {
    const { upgrade } = this.state;
    if (upgrade === null) return;
    if (frame === PROBE_PING && !upgrade.probed) {
      this.#set({ upgrade: { ...upgrade, probed: true } });
      this.effects.push({ type: "offer-send", frame: PROBE_PONG });
      // the client waits for its GET to end before it goes on
      if (this.state.poll === "waiting") this.#answerPoll({ frames: [NOOP] });
      return;
    }
    if (frame === UPGRADE && upgrade.probed) return this.#adopt();
    this.#dropOffer();
  }

  #adopt(): void {
    if (this.state.poll !== "none") this.#answerPoll({ refusal: "request" });
    const { outbox } = this.state;
    this.effects.push({ type: "adopt-offer" });
    this.#set({ transport: "websocket", upgrade: null, outbox: [], outboxSize: 0 });
    if (outbox.length === 0) return;
    this.effects.push({ type: "socket-send", frames: outbox });
    this.#pingLeaves(outbox);
  }

  #dropOffer(): void {
    this.effects.push({ type: "drop-offer" });
    this.#endOffer();
  }

  /** The polling session lives on as if nothing had been offered. */
  #endOffer(): void {
    this.#set({ upgrade: null });
    this.#settle();
  }

  #isOverdue(upgrade: { offeredAt: number }): boolean {
    return this.#now >= upgrade.offeredAt + this.#rules.upgradeTimeoutMs;
  }

  #send(frames: readonly Frame[]): void {
    if (this.state.transport === "websocket") this.effects.push({ type: "socket-send", frames });
    if (this.state.transport !== "polling") return;
    const outboxSize = frames.reduce((size, frame) => size + frame.length, this.state.outboxSize);
    this.#set({ outbox: [...this.state.outbox, ...frames], outboxSize });
    if (outboxSize > this.#rules.bufferedBytes) this.#close("too far behind");
  }

  #settle(): void {
    const { transport, poll, outbox, upgrade } = this.state;
    const open = transport === "polling" || transport === "closing";
    if (!open || poll === "none" || outbox.length === 0 || upgrade?.probed === true) return;
    this.#set({ outbox: [], outboxSize: 0 });
    this.#answerPoll({ frames: outbox });
    this.#pingLeaves(outbox);
    if (transport === "closing") this.#forget();
  }

  #pingLeaves(frames: readonly Frame[]): void {
    if (frames.includes(PING)) this.#set({ heartbeat: pinged(this.#now, this.#rules) });
  }

  #tick(heardAt: number | null): void {
    const { pingedAt } = this.state.heartbeat;
    if (pingedAt !== null && heardAt !== null && heardAt >= pingedAt) {
      this.#set({ heartbeat: ponged(this.state.heartbeat, heardAt, this.#rules) });
    }
    const { upgrade } = this.state;
    if (upgrade !== null && this.#isOverdue(upgrade)) this.#dropOffer();
    if (this.#isLost()) return this.#close("ping timeout");
    const { dueAt, pingedAt: unanswered } = this.state.heartbeat;
    if (unanswered === null && this.#now >= dueAt && !this.state.outbox.includes(PING)) {
      this.#ping();
    }
  }

  /**
   * Whether nothing was heard for too long. A client that was not pinged in time, since our alarm was late, is not to
   * blame, except one that does not even poll.
   */
  #isLost(): boolean {
    const { transport, heartbeat, poll } = this.state;
    if (this.#now < heartbeat.expiresAt) return false;
    return heartbeat.pingedAt !== null || (transport !== "websocket" && poll === "none");
  }

  #ping(): void {
    if (this.state.transport === "websocket") this.#pingLeaves([PING]);
    this.#send([PING]);
    this.#settle();
  }

  /** Ends it from this side. Only where nothing went wrong a polling client still gets what is left for it, then `1`. */
  #close(reason: EndReason): void {
    const { transport, outbox } = this.state;
    if (transport !== "polling" || reason !== "server closed") {
      if (transport === "websocket") this.effects.push({ type: "socket-close" });
      return this.#end(reason);
    }
    this.#finish(reason, [...outbox, CLOSE]);
  }

  /** Over for the handlers; one more GET gets what is left. */
  #finish(reason: EndReason, outbox: readonly Frame[]): void {
    if (this.state.upgrade !== null) this.effects.push({ type: "drop-offer" });
    this.#set({ transport: "closing", upgrade: null, outbox });
    this.effects.push({ type: "ended", reason });
    this.#settle();
  }

  #end(reason: EndReason): void {
    const { transport, upgrade, poll } = this.state;
    if (transport === "gone") return;
    if (upgrade !== null) this.effects.push({ type: "drop-offer" });
    if (poll !== "none") this.#answerPoll({ frames: [CLOSE] });
    if (transport !== "closing") this.effects.push({ type: "ended", reason });
    this.#forget();
  }

  #forget(): void {
    this.#set({ transport: "gone", upgrade: null, outbox: [], outboxSize: 0, poll: "none" });
    this.effects.push({ type: "gone" });
  }

  #answerPoll(answer: PollAnswer): void {
    this.effects.push({ type: "answer-poll", answer });
    this.#set({ poll: "none" });
  }

  #answer(answer: PollAnswer): void {
    this.effects.push({ type: "answer", answer });
  }

  #set(change: Partial<SessionState>): void {
    this.state = { ...this.state, ...change };
  }
}
