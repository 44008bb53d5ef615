import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { Session } from "../session.ts";

/** The object's sockets as sessions; filled anew from the platform when the object wakes. */
export class SessionRegistry {
  readonly #sessions = new Map<WebSocket, Session>();
  readonly #ofUser = new Map<string, Set<Session>>();

  readonly #gone: (userId: string) => void;

  /** `gone` hears of users whose last connection that had said hello ended. */
  constructor(sockets: readonly WebSocket[], gone: (userId: string) => void) {
    this.#gone = gone;
    for (const socket of sockets) {
      const session = socket.readyState === WebSocket.OPEN ? Session.wake(socket) : null;
      if (session !== null) this.add(session);
    }
  }

  add(session: Session): void {
    this.#sessions.set(session.socket, session);
    const others = this.#ofUser.get(session.userId);
    if (others === undefined) this.#ofUser.set(session.userId, new Set([session]));
    else others.add(session);
  }

  /** Takes a socket of this user, in the way that lets the object sleep. */
  upgrade(
    ctx: Pick<DurableObjectState, "acceptWebSocket">,
    user: { userId: string; expiresAt: number },
  ): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    ctx.acceptWebSocket(server);
    this.add(Session.open(server, { ...user, sessionId: crypto.randomUUID() }));
    return new Response(null, { status: 101, webSocket: client });
  }

  of(socket: WebSocket): Session | undefined {
    return this.#sessions.get(socket);
  }

  ofUser(userId: string): Iterable<Session> {
    return this.#ofUser.get(userId) ?? [];
  }

  /** Whether the user has said hello on a connection that is still there. */
  hasUser(userId: string): boolean {
    for (const { state } of this.ofUser(userId)) if (state !== "greeting") return true;
    return false;
  }

  /** Users with a connection, in the order of their first one. */
  users(): IteratorObject<string> {
    return this.#ofUser.keys();
  }

  get userCount(): number {
    return this.#ofUser.size;
  }

  forget(socket: WebSocket): void {
    const session = this.#sessions.get(socket);
    if (session === undefined) return;
    this.#sessions.delete(socket);
    const others = this.#ofUser.get(session.userId);
    others?.delete(session);
    if (others?.size === 0) this.#ofUser.delete(session.userId);
    if (session.state !== "greeting" && !this.hasUser(session.userId)) this.#gone(session.userId);
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  /** Sends texts in order. A reader that is too far behind is cut; it resumes by cursor (LIM-9). */
  send(session: Session, texts: readonly string[]): void {
    const { socket, reading } = session;
    if (socket.readyState !== WebSocket.OPEN) {
      this.forget(socket);
      return;
    }
    for (const text of texts) {
      if (reading.owed > LIMITS.bufferedBytes) {
        this.close(session, CLOSE_CODES.slowConsumer, "slow consumer");
        return;
      }
      socket.send(text);
      reading.sent(text.length);
    }
    if (session.state !== "live" || !reading.isDue) return;
    reading.ask();
    socket.send(QUESTION);
  }

  close(session: Session, code: number, reason: string): void {
    this.forget(session.socket);
    session.socket.close(code, reason);
  }
}

/** Nothing but a request for `next`: whoever sends that has read what came before. Rule LIM-9. */
const QUESTION = '{"type":"events","events":[],"more":true}';
