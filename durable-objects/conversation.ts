import { DurableObject } from "cloudflare:workers";
import type { Actor, OtherChange } from "../core/changes/change.ts";
import type { MemberRecord } from "../core/conversation.ts";
import type { FileDraft, StoredContent } from "../core/files/file-record.ts";
import { NO_SUCH_CONVERSATION, NO_SUCH_MESSAGE } from "../core/changes/write-rules.ts";
import { SENDER_GATHER_MS } from "../core/receipts/receipt-book.ts";
import type { Visibility } from "../core/visibility.ts";
import { PING_TEXT, PONG_TEXT, type Receipt } from "../protocol/client-frames.ts";
import { ERROR_CODES, type Refusal } from "../protocol/error-codes.ts";
import type { UserId } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { fileTimes } from "../worker/files/file-settings.ts";
import { AdmissionDesk } from "./admission-desk.ts";
import type { AdmissionRpc, InviteDraft } from "./admission-rpc.ts";
import { CONVERSATION_SCHEMA } from "./conversation-schema.ts";
import { ConversationState } from "./conversation-state.ts";
import { ConversationViews } from "./conversation-views.ts";
import { Departures } from "./departures.ts";
import { DirectSockets } from "./direct-sockets.ts";
import type { ObjectEnv } from "./env.ts";
import { Erasures } from "./erasures.ts";
import { FilePurge } from "./file-purge.ts";
import { GatewayLinks } from "./gateway-links.ts";
import type { Poke } from "./inbox-rpc.ts";
import { LogFollowers } from "./log-followers.ts";
import { MemberFiles } from "./member-files.ts";
import { Presence } from "./presence.ts";
import { ReceiptFlow } from "./receipt-flow.ts";
import type * as rpc from "./rpc.ts";
import { applySchema } from "./schema.ts";
import { Sending, type Committed } from "./sending.ts";
import { sessionRate } from "./session.ts";
import { SessionDoor } from "./session-door.ts";
import { SessionRegistry } from "./session-registry.ts";
import { answerClose } from "./socket-close.ts";
import { Timetable } from "./timetable.ts";

/** One per conversation: orders its events and carries them to its readers. Entry points only. */
export class Conversation
  extends DurableObject<ObjectEnv>
  implements rpc.ConversationRpc, rpc.ConversationFilesRpc, AdmissionRpc
{
  readonly #state: ConversationState;
  readonly #views: ConversationViews;
  readonly #sessions: SessionRegistry;
  readonly #gateways: GatewayLinks;
  readonly #sending: Sending;
  readonly #receipts: ReceiptFlow;
  readonly #presence: Presence;
  readonly #door: SessionDoor;
  readonly #admission: AdmissionDesk;
  readonly #departures: Departures;
  readonly #files: MemberFiles;
  readonly #erasures: Erasures;
  readonly #timetable: Timetable<"outbox" | "announce" | "poke" | "staff" | "files" | "erase">;
  readonly #followers: LogFollowers;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    applySchema(ctx.storage, CONVERSATION_SCHEMA);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    const state = new ConversationState(ctx.storage, fileTimes(env));
    const sessions = new SessionRegistry(ctx.getWebSockets(), (userId) =>
      this.#presence.left(userId),
    );
    const gateways = new GatewayLinks(env, state);
    const ends = [new DirectSockets(sessions, state.members), gateways];
    this.#state = state;
    this.#views = new ConversationViews(state);
    this.#sessions = sessions;
    this.#gateways = gateways;
    this.#sending = new Sending(state, sessions, ends, (committed) => this.#committed(committed));
    this.#erasures = new Erasures(state, this.#sending, () => this.#timetable);
    this.#departures = new Departures(sessions, gateways);
    this.#admission = new AdmissionDesk(state, [sessions, gateways], (frame) =>
      this.#sending.tell(frame),
    );
    this.#files = new MemberFiles(ctx.storage, state, {
      change: (actor, key, change) => this.change(actor, key, change),
      planPurge: (at) => this.#timetable.within("files", at),
    });
    this.#receipts = new ReceiptFlow(
      state,
      ends,
      (promise) => ctx.waitUntil(promise),
      (userIds) => this.#followers.receiptsStored(userIds),
    );
    this.#presence = new Presence(state, sessions, gateways, ends, (userId) =>
      this.#followers.touched(userId),
    );
    this.#followers = new LogFollowers({
      env,
      state,
      views: this.#views,
      sessions,
      gateways,
      presence: this.#presence,
      expel: (userId) => this.#departures.suspended(userId),
      plans: () => this.#timetable,
      waitUntil: (promise) => ctx.waitUntil(promise),
    });
    this.#timetable = new Timetable(ctx.storage, state.sql, {
      outbox: () => this.#followers.lookAfterOutbox(),
      announce: (now) => this.#followers.announce(now),
      poke: (now) => this.#followers.poke(now),
      staff: () => this.#followers.tellStaff(),
      erase: (now) => this.#erasures.run(now),
      files: (now) => new FilePurge(env, state.files).run(now),
    });
    this.#door = new SessionDoor({
      state,
      views: this.#views,
      sessions,
      sending: this.#sending,
      receipts: this.#receipts,
      presence: this.#presence,
      rate: sessionRate(env),
      hide: (member, seq) => this.#hide(member, seq),
    });
  }

  async found(
    founding: rpc.Founding,
  ): Promise<Result<{ created: boolean; view: rpc.ConversationView }, Refusal>> {
    const created = this.#state.founded === null;
    if (created) {
      this.#state.found(founding, crypto.randomUUID(), Date.now());
      // the founder finds it in his list at once; in a large group others may learn of it a moment later
      await this.#followers.founded();
    }
    const view = await this.view(founding.founderId);
    return view.ok ? ok({ created, view: view.value }) : view;
  }

  async view(readerId: UserId): Promise<Result<rpc.ConversationView, Refusal>> {
    return this.#asMember(readerId, (reader) => ok(this.#views.conversation(reader)));
  }

  async members(
    readerId: UserId,
    page: { cursor?: string; limit: number },
  ): Promise<Result<rpc.MemberPage, Refusal>> {
    const isOnline = (userId: string) => this.#presence.isSeen(readerId, userId);
    return this.#asMember(readerId, () => ok(this.#views.members(page, isOnline)));
  }

  async append(actor: Actor, request: rpc.SendRequest): Promise<Result<rpc.Appended[], Refusal>> {
    return this.#sending.append(actor, request);
  }

  async appendAll(appends: readonly rpc.Append[]): Promise<Result<rpc.Appended[], Refusal>[]> {
    return this.#sending.appendAll(appends);
  }

  async change(actor: Actor, clientMessageId: string, change: OtherChange) {
    return this.#sending.change(actor, clientMessageId, change);
  }

  async report(userId: UserId, clientMessageId: string, report: rpc.Reporting) {
    const placed = await this.change({ userId, authority: "member" }, clientMessageId, report);
    if (!placed.ok) return placed;
    return ok({ ...this.#views.reports(report.target), repeated: placed.value.repeated });
  }

  async erase(actor: Actor, userId: UserId): Promise<Result<rpc.ErasureOutcome, Refusal>> {
    return this.#erasures.begin(actor, userId);
  }

  async hide(userId: UserId, seq: number): Promise<Result<{ seq: number }, Refusal>> {
    return this.#asMember(userId, (member) => {
      const refused = this.#hide(member, seq);
      return refused === null ? ok({ seq }) : fail(refused);
    });
  }

  async receive(
    userId: UserId,
    receipt: Receipt | "all",
    urgency: "now" | "soon",
  ): Promise<Result<rpc.ReceiptOutcome, Refusal>> {
    const member = this.#asMember(userId, ok);
    return member.ok ? ok(await this.#receipts.receive(member.value, receipt, urgency)) : member;
  }

  async entry(userId: UserId): Promise<Result<Poke, Refusal>> {
    return this.#asMember(userId, (member) => ok(this.#followers.entry(member)));
  }

  async uncover(userId: UserId): Promise<void> {
    this.#followers.uncover(userId);
  }

  async expel(userId: UserId): Promise<void> {
    this.#departures.suspended(userId);
  }

  async block(userId: UserId, blockedId: UserId, active: boolean): Promise<void> {
    this.#state.members.block(userId, blockedId, active);
    this.#followers.touched(userId);
  }

  async setVisibility(userId: UserId, visibility: Visibility): Promise<void> {
    this.#presence.setVisibility(userId, visibility);
  }

  async history(
    readerId: UserId,
    query: rpc.HistoryQuery,
  ): Promise<Result<rpc.HistoryPage, Refusal>> {
    return this.#asMember(readerId, (reader) => ok(this.#views.history(reader, query)));
  }

  async message(readerId: UserId, seq: number): Promise<Result<rpc.MessageView, Refusal>> {
    return this.#asMember(readerId, (reader) => this.#views.message(reader, seq));
  }

  async versions(readerId: UserId, seq: number) {
    return this.#asMember(readerId, (reader) => this.#views.versions(reader, seq));
  }

  async reactors(readerId: UserId, seq: number) {
    return this.#asMember(readerId, (reader) => this.#views.reactors(reader, seq));
  }

  async status(readerId: UserId, seq: number) {
    return this.#asMember(readerId, (reader) => this.#views.status(reader, seq));
  }

  async follow(gateway: string, userId: UserId): Promise<Result<rpc.Followed, Refusal>> {
    return this.#asMember(userId, (member) => {
      if (!this.#presence.isOnline(userId)) this.#presence.tell(userId, true);
      this.#gateways.follow(gateway, userId);
      return ok({
        view: this.#views.conversation(member),
        historyFrom: member.historyFrom,
        online: this.#presence.online(userId),
        receipts: this.#views.receipts(),
      });
    });
  }

  async unfollow(gateway: string, userIds: readonly UserId[]): Promise<void> {
    this.#gateways.unfollow(gateway, userIds);
    for (const userId of userIds) this.#presence.left(userId);
  }

  async catchUp(readerId: UserId, cursor: number): Promise<Result<rpc.EventPage, Refusal>> {
    return this.#asMember(readerId, (reader) => ok(this.#views.events(reader, cursor)));
  }

  async fates(userId: UserId, keys: readonly string[]) {
    return this.#asMember(userId, () => ok(this.#views.fates(userId, keys)));
  }

  async typing(userId: UserId, active: boolean): Promise<Result<null, Refusal>> {
    return this.#asMember(userId, () => {
      this.#presence.typing(userId, active);
      return ok(null);
    });
  }

  async visit(userId: UserId, active: boolean): Promise<Result<null, Refusal>> {
    return this.#asMember(userId, () => ok(this.#presence.visit(userId, active)));
  }

  async makeInvite(userId: UserId, key: string, draft: InviteDraft) {
    return this.#admission.makeInvite(userId, key, draft);
  }

  async invites(userId: UserId) {
    return this.#admission.invites(userId);
  }

  async revokeInvite(userId: UserId, inviteId: string) {
    return this.#admission.revokeInvite(userId, inviteId);
  }

  async invitation(userId: UserId, secret: string) {
    return this.#admission.invitation(userId, secret);
  }

  async requestToJoin(person: { userId: UserId; name: string; note: string }) {
    return this.#admission.requestToJoin(person);
  }

  async joinRequests(userId: UserId) {
    return this.#admission.joinRequests(userId);
  }

  async bans(userId: UserId) {
    return this.#admission.bans(userId);
  }

  async endRequest(userId: UserId, requesterId: UserId) {
    return this.#admission.endRequest(userId, requesterId);
  }

  async usage(): Promise<{ rowsWritten: number }> {
    return { rowsWritten: this.#state.sql.rowsWritten };
  }

  async beginFile(userId: UserId, draft: FileDraft, key: rpc.UploadKey) {
    return this.#asMember(userId, (member) => this.#files.begin(member, draft, key));
  }

  async changeUpload(userId: UserId, n: number, change: rpc.UploadChange) {
    return this.#asMember(userId, (member) => this.#files.change(member, n, change));
  }

  async finishFile(userId: UserId, n: number, content: StoredContent) {
    const member = this.#asMember(userId, ok);
    return member.ok ? this.#files.finish(member.value, n, content) : member;
  }

  async deleteFile(userId: UserId, n: number) {
    const member = this.#asMember(userId, ok);
    return member.ok ? this.#files.delete(member.value, n) : member;
  }

  async upload(userId: UserId, n: number) {
    return this.#asMember(userId, (member) => this.#files.upload(member, n));
  }

  async file(readerId: UserId, n: number) {
    return this.#asMember(readerId, (reader) => this.#files.stored(reader, n));
  }

  async files(readerId: UserId, query: rpc.FileQuery) {
    return this.#asMember(readerId, (reader) => this.#files.page(reader, query));
  }

  async heldFiles(ns: readonly number[]): Promise<number[]> {
    return this.#state.files.held(ns);
  }

  async audit(cursor: number) {
    return this.#followers.audit(cursor);
  }

  async drain(sink?: string): Promise<void> {
    this.#followers.drain(sink);
  }

  /** Upgrades a member's socket. The worker has authenticated the headers and strips them from outside requests. */
  override async fetch(request: Request): Promise<Response> {
    const userId = decodeURIComponent(request.headers.get("x-parley-user") ?? "");
    const expiresAt = Number(request.headers.get("x-parley-expires"));
    const member = this.#asMember(userId, ok);
    if (!member.ok) {
      return Response.json(member.error, { status: ERROR_CODES[member.error.code].status });
    }
    return this.#sessions.upgrade(this.ctx, { userId, expiresAt });
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

  override async alarm(): Promise<void> {
    await this.#timetable.run(Date.now);
  }

  /** After a commit, in the same turn: who must know of it, and an alarm in the same write. */
  #committed({ rows, effects }: Committed): void {
    this.#receipts.schedule(SENDER_GATHER_MS);
    this.#departures.of(effects);
    const types = new Set(effects.map(({ type }) => type));
    if (types.has("closeRequest")) this.#admission.tellWaiting();
    if (types.has("erase") || types.has("deleteFile")) this.#files.plan();
    if (types.has("tellStaff")) this.#followers.concernsStaff();
    this.#followers.committed(rows);
  }

  #hide(member: MemberRecord, seq: number): Refusal | null {
    if (this.#views.visible(member, seq) === undefined) return NO_SUCH_MESSAGE;
    this.#state.messages.hide(member.userId, seq);
    this.#followers.touched(member.userId);
    this.#sending.tell({ text: `{"type":"hidden","target":${seq}}`, only: member.userId });
    return null;
  }

  #asMember<T>(
    userId: string,
    answer: (member: MemberRecord) => Result<T, Refusal>,
  ): Result<T, Refusal> {
    const member = this.#state.founded === null ? undefined : this.#state.members.find(userId);
    return member === undefined ? fail(NO_SUCH_CONVERSATION) : answer(member);
  }
}
