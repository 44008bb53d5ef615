import * as v from "valibot";

/**
 * One socket of one member. `greeting` waits for `hello`; `resuming` has pages to come, asked for one by one;
 * `live` gets every group as it commits. It sleeps with the socket: the attachment is all that survives.
 */
const attachmentSchema = v.object({
  v: v.literal(1),
  sessionId: v.string(),
  userId: v.string(),
  state: v.picklist(["greeting", "resuming", "live"]),
  /** While resuming: the last seq that was sent. */
  cursor: v.number(),
});

type Attachment = v.InferOutput<typeof attachmentSchema>;
export type SessionState = Attachment["state"];

export class Session {
  readonly socket: WebSocket;
  #attachment: Attachment;
  /** Refused frames since the object woke; enough of them close the socket. */
  refusedFrames = 0;

  private constructor(socket: WebSocket, attachment: Attachment) {
    this.socket = socket;
    this.#attachment = attachment;
  }

  static open(socket: WebSocket, userId: string, sessionId: string): Session {
    const session = new Session(socket, { v: 1, sessionId, userId, state: "greeting", cursor: 0 });
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

  move(state: SessionState, cursor: number): void {
    this.#attachment = { ...this.#attachment, state, cursor };
    this.#persist();
  }

  #persist(): void {
    this.socket.serializeAttachment(this.#attachment);
  }
}
