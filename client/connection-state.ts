import type { ReaderEvent } from "../protocol/event.ts";
import type { ServerFrame, WelcomeFrame } from "../protocol/server-frames.ts";
import type { Refused } from "./errors.ts";
import type { OutgoingQueue } from "./outgoing-queue.ts";

/**
 * Where a connection stands: idle → dialing → greeting (hello is out) → live, and after a cut waiting → dialing.
 * `closed` is final. A live connection that is `holding` has sends which the server asked to see later.
 */
export type Phase =
  | { state: "idle" | "dialing" | "greeting" | "waiting" }
  | { state: "live"; holding: boolean }
  | { state: "closed"; why: Refused | undefined };

/** A conversation's connection over all its sockets: everything but `phase` outlives a cut. */
export interface Connection {
  phase: Phase;
  /** Highest seq delivered; a resume asks for what is after it. */
  cursor: number;
  /** Identity of the log that `cursor` counts in; unknown before the first welcome. */
  epoch: string | undefined;
  queue: OutgoingQueue;
  /** Number of the newest dial; whatever an older one reports is ignored. */
  dial: number;
  /** Cuts since the connection last proved useful. */
  attempt: number;
  /** The server's wish: at least this long between the next cut and the dial after it. */
  floorMs: number;
  /** The furthest receipt there is to give, and whether it will leave by itself in a moment. */
  receipt: { delivered: number; read: number };
  receiptPlanned: boolean;
  /** It has said `next`: until a page comes, nothing else of the log does. */
  isPaging: boolean;
  /** Until the next welcome, dials need a token other than the one that was refused. */
  freshToken: boolean;
}

export type ConnectionState = Phase["state"];

/**
 * `deadline`: from the dial to the welcome. `ping`: next keep-alive. `pong`: its answer. `reconnect`: the wait after a
 * cut. `resend`: the wait after the server asked for one. `receipt`: the wait that gathers receipts.
 * `page`: the wait before a page that was refused is asked for again.
 */
export type Timer = "deadline" | "ping" | "pong" | "reconnect" | "resend" | "receipt" | "page";

/** What happened outside. `dial` tells which socket it concerns. */
export type Input =
  | { type: "open" }
  | { type: "close" }
  | { type: "send"; clientMessageId: string; frame: string }
  /** The reader has got or read that far. */
  | { type: "receipt"; delivered?: number; read?: number }
  /** The user writes, or has stopped; said now or not at all. */
  | { type: "typing"; active: boolean }
  /** The turn is over: what was queued in it leaves together. */
  | { type: "flush" }
  /** The network may be back, or may be gone unnoticed: look now instead of at the next timer. */
  | { type: "wake" }
  | { type: "opened"; dial: number }
  /** There was no token to dial with. */
  | { type: "undialable"; dial: number; why: Refused }
  | { type: "text"; dial: number; text: string }
  | { type: "lost"; dial: number; code: number; reason: string }
  | { type: "timeout"; timer: Timer };

export type SendFailure =
  | { type: "refused"; why: Refused }
  | { type: "queueFull" }
  | { type: "closed"; why: Refused | undefined };

/** What the shell must do, in order. */
export type Effect =
  | { type: "dial"; dial: number; freshToken: boolean }
  | { type: "transmit"; text: string }
  | { type: "hangUp"; code: number; reason: string }
  | { type: "startTimer"; timer: Timer; ms: number }
  | { type: "stopTimers"; timers: readonly Timer[] }
  | { type: "greeted"; welcome: WelcomeFrame }
  /** The log is another one: everything delivered so far is void. */
  | { type: "reset" }
  | { type: "deliver"; events: ReaderEvent[] }
  | { type: "stored"; clientMessageId: string; seq: number; at: number }
  | { type: "failed"; clientMessageId: string; failure: SendFailure }
  | { type: "tell"; frame: EphemeralFrame }
  | { type: "report"; why: Refused };

/** What the server says beside the log. */
export type EphemeralFrame = Extract<
  ServerFrame,
  { type: "receipts" | "receiptCounts" | "typing" | "presence" | "hidden" | "joinRequests" }
>;

/** A connection after an input, and what to do about it. */
export interface Transition {
  connection: Connection;
  effects: Effect[];
}

/** A connection that has not dialled, for a reader who has seen everything up to `cursor`. */
export function idleConnection(cursor: number): Connection {
  return {
    phase: { state: "idle" },
    cursor,
    epoch: undefined,
    queue: [],
    dial: 0,
    attempt: 0,
    floorMs: 0,
    receipt: { delivered: 0, read: 0 },
    receiptPlanned: false,
    isPaging: false,
    freshToken: false,
  };
}

export function stay(connection: Connection): Transition {
  return { connection, effects: [] };
}
