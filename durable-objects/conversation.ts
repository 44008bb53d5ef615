import { DurableObject } from "cloudflare:workers";
import { PING_TEXT, PONG_TEXT } from "../protocol/client-frames.ts";
import { ERROR_CODES, refusal, type Refusal } from "../protocol/error-codes.ts";
import type { ConversationId, UserId } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import log from "../migrations/conversation/0001_log.sql";
import { ConversationState } from "./conversation-state.ts";
import { pageOf, viewOf } from "./conversation-views.ts";
import type { ObjectEnv } from "./env.ts";
import { InboxAnnouncer } from "./inbox-announcer.ts";
import { errorText, logEvent } from "./log.ts";
import { OutboxPublisher } from "./outbox-publisher.ts";
import type {
  Appended,
  ConversationRpc,
  ConversationView,
  Founding,
  HistoryPage,
  HistoryQuery,
  Send,
} from "./rpc.ts";
import { applySchema } from "./schema.ts";
import { Sending } from "./sending.ts";
import { Session } from "./session.ts";
import { SessionDoor } from "./session-door.ts";
import { SessionRegistry } from "./session-registry.ts";
import { answerClose } from "./socket-close.ts";

/** The next look at what is unfinished, for a member whose Inbox could not be reached. */
const ANNOUNCE_RETRY_MS = 30_000;

/** One per conversation: orders its messages and carries them to its sockets. Entry points only. */
export class Conversation extends DurableObject<ObjectEnv> implements ConversationRpc {
  readonly #state: ConversationState;
  readonly #sessions: SessionRegistry;
  readonly #sending: Sending;
  readonly #door: SessionDoor;
  #outbox: OutboxPublisher | null = null;
  #alarmArmed = false;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    applySchema(ctx.storage, [{ id: "0001_log", sql: log }]);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    this.#state = new ConversationState(ctx.storage);
    this.#sessions = new SessionRegistry(ctx.getWebSockets());
    this.#sending = new Sending(this.#state, this.#sessions, () => this.#committed());
    this.#door = new SessionDoor(this.#state, this.#sessions, this.#sending);
  }

  async found(
    founding: Founding,
  ): Promise<Result<{ created: boolean; view: ConversationView }, Refusal>> {
    const created = this.#state.charter === null;
    if (created) {
      this.#state.found(founding, crypto.randomUUID(), Date.now());
      this.#committed();
    }
    await this.#announce();
    const view = viewOf(this.#state, founding.founderId);
    return view.ok ? ok({ created, view: view.value }) : view;
  }

  async view(readerId: UserId): Promise<Result<ConversationView, Refusal>> {
    return viewOf(this.#state, readerId);
  }

  async append(senderId: UserId, send: Send): Promise<Result<Appended, Refusal>> {
    const member = this.#requireMember(senderId);
    return member.ok ? this.#sending.call(senderId, send) : member;
  }

  async history(readerId: UserId, query: HistoryQuery): Promise<Result<HistoryPage, Refusal>> {
    const member = this.#requireMember(readerId);
    return member.ok ? ok(pageOf(this.#state, query)) : member;
  }

  /** The shard's bridge is back, or has room again. */
  async drain(): Promise<void> {
    this.#outboxPublisher()?.resume();
  }

  /** Upgrades a member's socket. The worker has authenticated `x-parley-user` and strips it from outside requests. */
  override async fetch(request: Request): Promise<Response> {
    const userId = decodeURIComponent(request.headers.get("x-parley-user") ?? "");
    const member = this.#requireMember(userId);
    if (!member.ok) {
      return Response.json(member.error, { status: ERROR_CODES[member.error.code].status });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#sessions.add(Session.open(server, userId, crypto.randomUUID()));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> | void {
    const session = this.#sessions.of(socket);
    if (session !== undefined) return this.#door.receive(session, data);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#sessions.forget(socket);
    answerClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sessions.forget(socket);
  }

  /** Stores how far the bridge is and looks after what is unfinished. Never throws: six throws lose the alarm. */
  override async alarm(): Promise<void> {
    this.#alarmArmed = false;
    try {
      const announced = await this.#announce();
      const outbox = this.#outboxPublisher();
      outbox?.resume();
      const now = Date.now();
      const next = announced ? null : now + ANNOUNCE_RETRY_MS;
      const due = [next, outbox?.settle(now) ?? null].filter((at) => at !== null);
      if (due.length > 0) this.#arm(Math.min(...due));
    } catch (error) {
      logEvent("alarm_failed", { conversationId: this.ctx.id.name ?? "", error: errorText(error) });
      this.#arm(Date.now() + ANNOUNCE_RETRY_MS);
    }
  }

  /** After a commit, in the same turn: an alarm in the same write, then the bridge. */
  #committed(): void {
    const outbox = this.#outboxPublisher();
    if (!this.#alarmArmed) {
      const due = outbox?.due(Date.now()) ?? null;
      const announcing = this.#state.head === 0 ? Date.now() + ANNOUNCE_RETRY_MS : null;
      const at = [due, announcing].filter((time) => time !== null);
      if (at.length > 0) this.#arm(Math.min(...at));
    }
    outbox?.kick();
  }

  #arm(at: number): void {
    this.#alarmArmed = true;
    // the write joins the turn's commit; if that fails, the object is reset and the alarm with it
    void this.ctx.storage.setAlarm(at);
  }

  async #announce(): Promise<boolean> {
    const charter = this.#state.charter;
    if (charter === null) return true;
    return new InboxAnnouncer(this.env.INBOX, this.#state.members, charter.conversationId).run();
  }

  #outboxPublisher(): OutboxPublisher | null {
    const { charter } = this.#state;
    if (charter === null || this.env.BRIDGE_SECRET === undefined) return null;
    this.#outbox ??= new OutboxPublisher(this.env, this.#state, charter);
    return this.#outbox;
  }

  /** A conversation one may not see answers exactly like one that does not exist. */
  #requireMember(userId: string): Result<{ conversationId: ConversationId }, Refusal> {
    const { charter } = this.#state;
    if (charter === null || this.#state.members.find(userId) === undefined) {
      return fail(refusal("NOT_FOUND", "no such conversation"));
    }
    return ok({ conversationId: charter.conversationId });
  }
}
