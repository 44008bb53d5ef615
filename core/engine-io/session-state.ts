import type { Heartbeat, HeartbeatTiming } from "./heartbeat.ts";
import type { Frame } from "./packet.ts";
import type { Refusal } from "./refusal.ts";

/** One Engine.IO session, whatever carries it at the moment. Immutable; `session.ts` has the transitions. */
export interface SessionState {
  /** `closing`: over for the handlers; a polling client may still fetch its last packets. */
  readonly transport: "polling" | "websocket" | "closing" | "gone";
  /** The WebSocket that wants to take over a polling session; `probed` once it sent its ping. */
  readonly upgrade: { readonly offeredAt: number; readonly probed: boolean } | null;
  /** The GET in progress. `beside` the offered WebSocket it may have overtaken the frame that ends polling. */
  readonly poll: "none" | "waiting" | "beside";
  /** Whether a POST is being read. */
  readonly posting: boolean;
  /** Frames that wait for a GET, and their size together. */
  readonly outbox: readonly Frame[];
  readonly outboxSize: number;
  readonly heartbeat: Heartbeat;
}

export interface SessionRules extends HeartbeatTiming {
  /** How long a WebSocket may take from its opening to its upgrade packet. */
  upgradeTimeoutMs: number;
  /** What may wait for a client that reads too slowly; characters and bytes of frames. */
  bufferedBytes: number;
}

export type EndReason =
  | "client closed"
  | "server closed"
  | "server failed"
  | "transport closed"
  | "ping timeout"
  | "parse error"
  | "overlapping requests"
  | "too far behind";

export type SessionInput =
  | { type: "poll" }
  /** The GET beside an upgrade has waited long enough for the frame it may have overtaken. */
  | { type: "poll-ripe" }
  | { type: "post" }
  /** The POST was read; null when it is no payload. */
  | { type: "posted"; frames: readonly Frame[] | null }
  /** A WebSocket with this session's id. */
  | { type: "offer" }
  | { type: "offer-frame"; frame: Frame }
  | { type: "offer-gone" }
  | { type: "frame"; frame: Frame }
  | { type: "socket-gone" }
  | { type: "send"; frames: readonly Frame[] }
  /** The end of a turn: whatever was gathered for a waiting GET leaves. */
  | { type: "settle" }
  /** `heardAt`: when the runtime last answered a pong of this session's WebSocket in our place. */
  | { type: "tick"; heardAt: number | null }
  | { type: "close"; reason: EndReason };

/** `overlap` is 400 without a body: the reference's answer to a second request beside a first. */
export type PollAnswer = { frames: readonly Frame[] } | { refusal: Refusal | "overlap" };

export type SessionEffect =
  /** The GET that came with this input waits. */
  | { type: "accept-poll"; ripens: boolean }
  /** Answers the GET that waits. */
  | { type: "answer-poll"; answer: PollAnswer }
  /** Answers the request that came with this input, and only that. */
  | { type: "answer"; answer: PollAnswer }
  | { type: "accept-offer" }
  | { type: "reject-offer" }
  | { type: "offer-send"; frame: Frame }
  | { type: "drop-offer" }
  /** The offered WebSocket is the session's transport from now on. */
  | { type: "adopt-offer" }
  | { type: "socket-send"; frames: readonly Frame[] }
  | { type: "socket-close" }
  | { type: "message"; data: Frame }
  /** The last word to the handlers. */
  | { type: "ended"; reason: EndReason }
  /** Nothing of it is needed any more. */
  | { type: "gone" };

export interface Step {
  state: SessionState;
  effects: SessionEffect[];
}
