import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import { Session } from "./session.ts";

/** The object's sockets as sessions; filled anew from the platform when the object wakes. */
export class SessionRegistry {
  readonly #sessions = new Map<WebSocket, Session>();

  constructor(sockets: readonly WebSocket[]) {
    for (const socket of sockets) {
      const session = socket.readyState === WebSocket.OPEN ? Session.wake(socket) : null;
      if (session !== null) this.#sessions.set(socket, session);
    }
  }

  add(session: Session): void {
    this.#sessions.set(session.socket, session);
  }

  of(socket: WebSocket): Session | undefined {
    return this.#sessions.get(socket);
  }

  forget(socket: WebSocket): void {
    this.#sessions.delete(socket);
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  /** Sends texts in order. A reader that is too far behind is cut; it resumes by cursor (LIM-9). */
  send(session: Session, texts: readonly string[]): void {
    const { socket } = session;
    if (socket.readyState !== WebSocket.OPEN) {
      this.forget(socket);
      return;
    }
    if (bufferedBytes(socket) > LIMITS.bufferedBytes) {
      this.close(session, CLOSE_CODES.slowConsumer, "slow consumer");
      return;
    }
    for (const text of texts) socket.send(text);
  }

  close(session: Session, code: number, reason: string): void {
    this.forget(session.socket);
    session.socket.close(code, reason);
  }
}

/** Present in the runtime, not yet in its types (compare the platform's changelog of 2026-10). */
function bufferedBytes(socket: WebSocket): number {
  return "bufferedAmount" in socket && typeof socket.bufferedAmount === "number"
    ? socket.bufferedAmount
    : 0;
}
