import { exceedsUtf8 } from "../../protocol/utf8.ts";
import { decodePayload, NOOP, PONG, type Frame } from "../../core/engine-io/packet.ts";
import { parseRequest } from "../../core/engine-io/request.ts";
import { openSession } from "../../core/engine-io/session.ts";
import type { EndReason, SessionRules, SessionState } from "../../core/engine-io/session-state.ts";
import { answerClose } from "../socket-close.ts";
import {
  payloadResponse,
  pollResponse,
  postResponse,
  refusalResponse,
  refusedUpgrade,
  tooLargeResponse,
} from "./answers.ts";
import { EngineSession, type SessionHost } from "./engine-session.ts";
import { PollingStore } from "./polling-store.ts";
import { readBody } from "./request-body.ts";
import {
  readAttachment,
  type OfferRecord,
  type PollingRecord,
  type SocketRecord,
} from "./session-record.ts";

export interface EngineRules extends SessionRules {
  /** One packet, and one POST; bytes. Announced to clients. */
  maxPayloadBytes: number;
  /**
   * Whether the object may sleep between pings: its sockets hibernate, and the runtime answers their pongs. Off where pings
   * come more often than an idle object is evicted, which takes about 10 s. A hibernating socket that the server closes
   * before its client ever sent a frame keeps its TCP connection until then; a plain one does not.
   */
  sleeps: boolean;
  /** Sessions of one object; further handshakes are refused, and the worker tries the next object. */
  maxSessions: number;
}

/** What a session means is not this layer's business. A handler that throws ends its session, nothing else. */
export interface EngineHandlers {
  /** `request` is the handshake, as the worker passed it on. */
  opened(session: EngineSession, request: Request): void;
  /** A session is found again after sleep, with the `data` that was kept. */
  woken(session: EngineSession): void;
  message(session: EngineSession, data: Frame): void | Promise<void>;
  ended(session: EngineSession, reason: EndReason): void;
  failed(error: unknown): void;
}

/** The worker's word, beside the client's request: the id of the session that a handshake opens. */
export const NEW_SESSION_HEADER = "x-engine-session";
/** On the answer of an object that takes no more sessions. */
export const FULL_HEADER = "x-engine-full";

const CLOSE_TOO_BIG = 1009;

/** The Engine.IO sessions of one Durable Object, over WebSockets that hibernate and over HTTP long-polling. */
export class EngineServer implements SessionHost {
  readonly rules: EngineRules;
  readonly store: PollingStore;
  readonly #ctx: DurableObjectState;
  readonly #handlers: EngineHandlers;
  readonly #sessions = new Map<string, EngineSession>();
  readonly #ofSocket = new Map<WebSocket, EngineSession>();
  readonly #touched = new Set<EngineSession>();
  readonly #schedule: (at: number | null) => void;

  /** `schedule` asks the object for an alarm by then, and with it for a `tick`. */
  constructor(
    ctx: DurableObjectState,
    rules: EngineRules,
    handlers: EngineHandlers,
    schedule: (at: number | null) => void,
  ) {
    this.#ctx = ctx;
    this.#schedule = schedule;
    this.rules = rules;
    this.#handlers = handlers;
    this.store = new PollingStore(ctx.storage);
    // pongs wake nothing
    if (rules.sleeps) ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PONG, NOOP));
    this.#wake();
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const isUpgrade = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    const parsed = parseRequest({
      method: request.method,
      query: url.searchParams,
      isUpgrade,
      origin: request.headers.get("origin"),
    });
    if (!parsed.ok) return isUpgrade ? refusedUpgrade(parsed.error) : refusalResponse(parsed.error);
    const wanted = parsed.value;
    if (wanted.type === "handshake") return this.#handshake(request, wanted.transport);
    const session = this.#sessions.get(wanted.sid);
    if (wanted.type === "websocket") return this.#offer(session);
    if (session === undefined) return refusalResponse("session");
    return wanted.type === "poll" ? session.poll() : this.#post(session, request);
  }

  /** False for a socket of somebody else. */
  webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): boolean {
    const session = this.#ofSocket.get(socket);
    if (session === undefined) return readAttachment(socket) !== null;
    if (this.#isTooBig(data)) {
      socket.close(CLOSE_TOO_BIG);
      this.#lost(socket);
    } else {
      session.receive(socket, typeof data === "string" ? data : new Uint8Array(data));
    }
    return true;
  }

  webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#lost(socket);
    answerClose(socket, code, reason);
  }

  webSocketError(socket: WebSocket): void {
    this.#lost(socket);
  }

  /** For the object's alarm: pings whoever is due and gives up whoever is not heard. */
  tick(): void {
    for (const session of this.#sessions.values()) {
      session.tick();
    }
  }

  /** When `tick` is needed next; null while there are no sessions. */
  dueAt(): number | null {
    const now = Date.now();
    let earliest: number | null = null;
    for (const session of this.#sessions.values()) {
      const at = session.dueAt(now);
      if (at !== null && (earliest === null || at < earliest)) earliest = at;
    }
    return earliest;
  }

  message(session: EngineSession, data: Frame): void {
    this.#guard(session, () => this.#handlers.message(session, data));
  }

  ended(session: EngineSession, reason: EndReason): void {
    this.#guard(session, () => this.#handlers.ended(session, reason));
  }

  gone(session: EngineSession): void {
    this.#sessions.delete(session.sid);
  }

  heardAt(socket: WebSocket): number | null {
    if (!this.rules.sleeps) return null;
    return this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? null;
  }

  touched(session: EngineSession): void {
    if (this.#touched.size === 0) queueMicrotask(() => this.#settle());
    this.#touched.add(session);
  }

  #settle(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const session of touched) session.settle();
  }

  #handshake(request: Request, transport: "polling" | "websocket"): Response {
    const sid = request.headers.get(NEW_SESSION_HEADER);
    if (sid === null) throw new Error("the worker names the session of a handshake");
    if (this.#sessions.size >= this.rules.maxSessions) {
      return new Response(null, { status: 503, headers: { [FULL_HEADER]: "1" } });
    }
    const open = JSON.stringify({
      sid,
      upgrades: transport === "polling" ? ["websocket"] : [],
      pingInterval: this.rules.pingIntervalMs,
      pingTimeout: this.rules.pingTimeoutMs,
      maxPayload: this.rules.maxPayloadBytes,
    });
    const accepted = transport === "websocket" ? this.#accept() : null;
    const session = new EngineSession(this, sid, {
      state: openSession(transport, Date.now(), this.rules),
      socket: accepted?.server ?? null,
      data: null,
      stored: false,
    });
    this.#sessions.set(sid, session);
    this.touched(session);
    this.#schedule(session.dueAt(Date.now()));
    if (accepted !== null) {
      this.#ofSocket.set(accepted.server, session);
      accepted.server.send(`0${open}`);
    }
    this.#guard(session, () => this.#handlers.opened(session, request));
    return accepted?.response ?? payloadResponse([`0${open}`]);
  }

  /** A WebSocket with a session's id: it may try to take over from polling. Refused ones are accepted and closed. */
  #offer(session: EngineSession | undefined): Response {
    if (session === undefined) return refusedUpgrade("session");
    let response: Response | null = null;
    session.offer(() => {
      const accepted = this.#accept();
      response = accepted.response;
      this.#ofSocket.set(accepted.server, session);
      return accepted.server;
    });
    return response ?? closedUpgrade();
  }

  async #post(session: EngineSession, request: Request): Promise<Response> {
    const refused = session.beginPost();
    if (refused !== null) {
      await request.body?.cancel();
      return pollResponse(refused);
    }
    const body = await readBody(request, this.rules.maxPayloadBytes);
    if ("text" in body) {
      const frames = decodePayload(body.text);
      session.endPost(frames);
      return frames === null ? refusalResponse("request") : postResponse();
    }
    session.endPost(body.failure === "cut" ? null : []);
    return tooLargeResponse();
  }

  #accept(): { server: WebSocket; response: Response } {
    const { 0: client, 1: server } = new WebSocketPair();
    if (this.rules.sleeps) this.#ctx.acceptWebSocket(server);
    else this.#listen(server);
    return { server, response: new Response(null, { status: 101, webSocket: client }) };
  }

  #listen(socket: WebSocket): void {
    socket.accept();
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      if (!(data instanceof Blob)) this.webSocketMessage(socket, data);
    });
    socket.addEventListener("close", ({ code, reason }) =>
      this.webSocketClose(socket, code, reason),
    );
    socket.addEventListener("error", () => this.webSocketError(socket));
  }

  #isTooBig(data: string | ArrayBuffer): boolean {
    return typeof data === "string"
      ? exceedsUtf8(data, this.rules.maxPayloadBytes)
      : data.byteLength > this.rules.maxPayloadBytes;
  }

  #lost(socket: WebSocket): void {
    const session = this.#ofSocket.get(socket) ?? this.#woken(socket, readAttachment(socket));
    this.#ofSocket.delete(socket);
    session?.lost(socket);
  }

  /** Whatever a handler does, the other sessions go on. */
  #guard(session: EngineSession, run: () => void | Promise<void>): void {
    const failed = (error: unknown) => {
      this.#handlers.failed(error);
      session.close("server failed");
    };
    try {
      const running = run();
      if (running !== undefined) this.#ctx.waitUntil(running.catch(failed));
    } catch (error) {
      failed(error);
    }
  }

  /** Finds the sessions again after sleep. */
  #wake(): void {
    const sockets = this.#ctx
      .getWebSockets()
      .map((socket) => ({ socket, record: readAttachment(socket) }));
    for (const { socket, record } of sockets) this.#woken(socket, record);
    for (const { record, outbox } of this.store.load()) {
      const { sid, data, closing } = record;
      const state = keptPolling(record, outbox, this.rules);
      const session = new EngineSession(this, sid, { state, socket: null, data, stored: true });
      this.#sessions.set(sid, session);
      if (!closing) this.#guard(session, () => this.#handlers.woken(session));
    }
    for (const { socket, record } of sockets) {
      const session = record?.engine === "offer" ? this.#sessions.get(record.sid) : undefined;
      if (record?.engine !== "offer" || session === undefined) continue;
      session.adoptOffer(socket, record);
      this.#ofSocket.set(socket, session);
    }
  }

  /** The session of a socket that slept. A socket whose end woke the object is not among the object's sockets any more. */
  #woken(socket: WebSocket, record: SocketRecord | OfferRecord | null): EngineSession | undefined {
    if (record?.engine !== "session" || this.#sessions.has(record.sid)) return undefined;
    const { sid, data, heartbeat } = record;
    const state = { ...openSession("websocket", 0, this.rules), heartbeat };
    const session = new EngineSession(this, sid, { state, socket, data, stored: false });
    this.#sessions.set(sid, session);
    this.#ofSocket.set(socket, session);
    this.#guard(session, () => this.#handlers.woken(session));
    return session;
  }
}

/**
 * Accepted without hibernation: a hibernating socket on which the client never sent a frame would keep its TCP connection
 * until the object is evicted.
 */
function closedUpgrade(): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close();
  return new Response(null, { status: 101, webSocket: client });
}

function keptPolling(
  { closing, heartbeat }: PollingRecord,
  outbox: readonly Frame[],
  rules: SessionRules,
): SessionState {
  return {
    ...openSession("polling", 0, rules),
    transport: closing ? "closing" : "polling",
    heartbeat,
    outbox,
    outboxSize: outbox.reduce((size, frame) => size + frame.length, 0),
  };
}
