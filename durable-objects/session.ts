import * as v from "valibot";
import { ReadingProof } from "../core/reading-proof.ts";
import { FrameAllowance, type RateBounds } from "../core/rate-limit.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { ObjectEnv } from "../edge/object-env.ts";

/**
 * One socket of one member. `greeting` waits for `hello`; `resuming` has pages to come, asked for one by one;
 * `live` gets every group as it commits. It sleeps with the socket: the attachment is all that survives.
 */
const attachmentSchema = v.object({
  v: v.literal(2),
  sessionId: v.string(),
  userId: v.string(),
  state: v.picklist(["greeting", "resuming", "live"]),
  /** While resuming: the last seq that was sent. */
  cursor: v.number(),
  /** When the token runs out, epoch ms. */
  expiresAt: v.number(),
});

type Attachment = v.InferOutput<typeof attachmentSchema>;
export type SessionState = Attachment["state"];

export class Session {
  readonly socket: WebSocket;
  readonly reading = new ReadingProof();
  #attachment: Attachment;
  #allowance: FrameAllowance | null = null;
  /** Refused frames since the object woke; enough of them close the socket. */
  refusedFrames = 0;

  private constructor(socket: WebSocket, attachment: Attachment) {
    this.socket = socket;
    this.#attachment = attachment;
  }

  static open(
    socket: WebSocket,
    identity: Pick<Attachment, "userId" | "sessionId" | "expiresAt">,
  ): Session {
    const session = new Session(socket, { v: 2, ...identity, state: "greeting", cursor: 0 });
    session.#persist();
    return session;
  }

  /** The session a hibernated socket carries; null for a socket this class did not open. */
  static wake(socket: WebSocket): Session | null {
    const parsed = v.safeParse(attachmentSchema, socket.deserializeAttachment());
    return parsed.success ? new Session(socket, parsed.output) : null;
  }

  get sessionId(): string {
    return this.#attachment.sessionId;
  }

  get userId(): string {
    return this.#attachment.userId;
  }

  get state(): SessionState {
    return this.#attachment.state;
  }

  get cursor(): number {
    return this.#attachment.cursor;
  }

  isExpired(now: number): boolean {
    return now >= this.#attachment.expiresAt;
  }

  move(state: SessionState, cursor: number): void {
    this.#attachment = { ...this.#attachment, state, cursor };
    this.#persist();
  }

  /** Takes one frame out of the session's allowance; answers 0, or the wait until there is room. */
  takeFrame(bounds: RateBounds, now: number): number {
    this.#allowance ??= new FrameAllowance(bounds, now);
    return this.#allowance.take(now);
  }

  /** Too many frames in a row were more than it may send. */
  get isFlooded(): boolean {
    return this.#allowance?.isFlooded === true;
  }

  #persist(): void {
    this.socket.serializeAttachment(this.#attachment);
  }
}

/** Frames that a session of this deployment may send. */
export function sessionRate(env: ObjectEnv): RateBounds {
  return {
    burst: Number(env.SESSION_BURST ?? LIMITS.sessionBurst),
    perSecond: Number(env.SESSION_FRAMES_PER_SECOND ?? LIMITS.sessionFramesPerSecond),
  };
}
