import { DurableObject } from "cloudflare:workers";
import type { Actor, OtherChange } from "../../core/changes/change.ts";
import type { MemberRecord } from "../../core/conversation.ts";
import type { FileDraft, StoredContent } from "../../core/files/file-record.ts";
import { NO_SUCH_CONVERSATION } from "../../core/changes/write-rules.ts";
import type { Appearance } from "../../core/visibility.ts";
import { PING_TEXT, PONG_TEXT, type Receipt } from "../../protocol/client-frames.ts";
import { ERROR_CODES, type Refusal } from "../../protocol/error-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { AdmissionRpc, InviteDraft } from "../../edge/rpc/admission-rpc.ts";
import { conversationParts, type ConversationParts } from "./conversation-parts.ts";
import { CONVERSATION_SCHEMA } from "./stores/conversation-schema.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import type { Poke } from "../../edge/rpc/inbox-rpc.ts";
import type * as rpc from "../../edge/rpc/conversation-rpc.ts";
import type {
  ConversationFilesRpc,
  FileQuery,
  UploadChange,
  UploadKey,
} from "../../edge/rpc/files-rpc.ts";
import { applySchema } from "../storage/schema.ts";
import { answerClose } from "../socket-close.ts";

/** One per conversation: orders its events and carries them to its readers. Entry points only. */
export class Conversation
  extends DurableObject<ObjectEnv>
  implements rpc.ConversationRpc, ConversationFilesRpc, AdmissionRpc
{
  readonly #parts: ConversationParts;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    applySchema(ctx.storage, CONVERSATION_SCHEMA);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    this.#parts = conversationParts(ctx, env);
  }

  async found(
    founding: rpc.Founding,
  ): Promise<Result<{ created: boolean; view: rpc.ConversationView }, Refusal>> {
    const { state, followers } = this.#parts;
    const created = state.founded === null;
    if (created) {
      state.found(founding, crypto.randomUUID(), Date.now());
      // the founder finds it in his list at once; in a large group others may learn of it a moment later
      await followers.founded();
    }
    const view = await this.view(founding.founderId);
    return view.ok ? ok({ created, view: view.value }) : view;
  }

  async view(readerId: UserId): Promise<Result<rpc.ConversationView, Refusal>> {
    return this.#asMember(readerId, (reader) => ok(this.#parts.views.conversation(reader)));
  }

  async members(
    readerId: UserId,
    page: { cursor?: string; limit: number },
  ): Promise<Result<rpc.MemberPage, Refusal>> {
    const isOnline = this.#parts.presence.seenBy(readerId);
    return this.#asMember(readerId, () => ok(this.#parts.views.members(page, isOnline)));
  }

  async append(actor: Actor, request: rpc.SendRequest): Promise<Result<rpc.Appended[], Refusal>> {
    return this.#parts.sending.append(actor, request);
  }

  async appendAll(appends: readonly rpc.Append[]): Promise<Result<rpc.Appended[], Refusal>[]> {
    return this.#parts.sending.appendAll(appends);
  }

  async change(actor: Actor, clientMessageId: string, change: OtherChange) {
    return this.#parts.sending.change(actor, clientMessageId, change);
  }

  async report(userId: UserId, clientMessageId: string, report: rpc.Reporting) {
    const placed = await this.change({ userId, authority: "member" }, clientMessageId, report);
    if (!placed.ok) return placed;
    return ok({ ...this.#parts.views.reports(report.target), repeated: placed.value.repeated });
  }

  async erase(actor: Actor, userId: UserId): Promise<Result<rpc.ErasureOutcome, Refusal>> {
    return this.#parts.erasures.begin(actor, userId);
  }

  async hide(userId: UserId, seq: number): Promise<Result<{ seq: number }, Refusal>> {
    return this.#asMember(userId, (member) => {
      const refused = this.#parts.sight.hide(member, seq);
      return refused === null ? ok({ seq }) : fail(refused);
    });
  }

  async receive(
    userId: UserId,
    receipt: Receipt | "all",
    urgency: "now" | "soon",
  ): Promise<Result<rpc.ReceiptOutcome, Refusal>> {
    const member = this.#asMember(userId, ok);
    return member.ok
      ? ok(await this.#parts.receipts.receive(member.value, receipt, urgency))
      : member;
  }

  async entry(userId: UserId): Promise<Result<Poke, Refusal>> {
    return this.#asMember(userId, (member) => ok(this.#parts.followers.entry(member)));
  }

  async uncover(userId: UserId): Promise<void> {
    this.#parts.followers.uncover(userId);
  }

  async expel(userId: UserId): Promise<void> {
    this.#parts.departures.suspended(userId);
  }

  async setAppearance(userId: UserId, appearance: Appearance): Promise<void> {
    this.#parts.presence.setAppearance(userId, appearance);
  }

  async history(
    readerId: UserId,
    query: rpc.HistoryQuery,
  ): Promise<Result<rpc.HistoryPage, Refusal>> {
    return this.#asMember(readerId, (reader) => ok(this.#parts.views.history(reader, query)));
  }

  async message(readerId: UserId, seq: number): Promise<Result<rpc.MessageView, Refusal>> {
    return this.#asMember(readerId, (reader) => this.#parts.views.message(reader, seq));
  }

  async versions(readerId: UserId, seq: number) {
    return this.#asMember(readerId, (reader) => this.#parts.views.versions(reader, seq));
  }

  async reactors(readerId: UserId, seq: number) {
    return this.#asMember(readerId, (reader) => this.#parts.views.reactors(reader, seq));
  }

  async status(readerId: UserId, seq: number) {
    return this.#asMember(readerId, (reader) => this.#parts.views.status(reader, seq));
  }

  async follow(gateway: string, userId: UserId): Promise<Result<rpc.Followed, Refusal>> {
    return this.#asMember(userId, (member) => {
      const { presence, gateways, views } = this.#parts;
      if (!presence.isOnline(userId)) presence.tell(userId, true);
      gateways.follow(gateway, userId);
      return ok({
        view: views.conversation(member),
        historyFrom: member.historyFrom,
        online: presence.online(userId),
        receipts: views.receipts(),
      });
    });
  }

  async unfollow(gateway: string, userIds: readonly UserId[]): Promise<void> {
    this.#parts.gateways.unfollow(gateway, userIds);
    for (const userId of userIds) this.#parts.presence.left(userId);
  }

  async catchUp(readerId: UserId, cursor: number): Promise<Result<rpc.EventPage, Refusal>> {
    return this.#asMember(readerId, (reader) => ok(this.#parts.views.events(reader, cursor)));
  }

  async fates(userId: UserId, keys: readonly string[]) {
    return this.#asMember(userId, () => ok(this.#parts.views.fates(userId, keys)));
  }

  async typing(userId: UserId, active: boolean): Promise<Result<null, Refusal>> {
    return this.#asMember(userId, () => {
      this.#parts.presence.typing(userId, active);
      return ok(null);
    });
  }

  async visit(userId: UserId, active: boolean): Promise<Result<null, Refusal>> {
    return this.#asMember(userId, () => ok(this.#parts.presence.visit(userId, active)));
  }

  async makeInvite(userId: UserId, key: string, draft: InviteDraft) {
    return this.#parts.admission.makeInvite(userId, key, draft);
  }

  async invites(userId: UserId) {
    return this.#parts.admission.invites(userId);
  }

  async revokeInvite(userId: UserId, inviteId: string) {
    return this.#parts.admission.revokeInvite(userId, inviteId);
  }

  async invitation(userId: UserId, secret: string) {
    return this.#parts.admission.invitation(userId, secret);
  }

  async requestToJoin(person: { userId: UserId; name: string; note: string }) {
    return this.#parts.admission.requestToJoin(person);
  }

  async joinRequests(userId: UserId) {
    return this.#parts.admission.joinRequests(userId);
  }

  async bans(userId: UserId) {
    return this.#parts.admission.bans(userId);
  }

  async endRequest(userId: UserId, requesterId: UserId) {
    return this.#parts.admission.endRequest(userId, requesterId);
  }

  async usage(): Promise<{ rowsWritten: number }> {
    return { rowsWritten: this.#parts.state.sql.rowsWritten };
  }

  async beginFile(userId: UserId, draft: FileDraft, key: UploadKey) {
    return this.#asMember(userId, (member) => this.#parts.files.begin(member, draft, key));
  }

  async changeUpload(userId: UserId, n: number, change: UploadChange) {
    return this.#asMember(userId, (member) => this.#parts.files.change(member, n, change));
  }

  async finishFile(userId: UserId, n: number, content: StoredContent) {
    const member = this.#asMember(userId, ok);
    return member.ok ? this.#parts.files.finish(member.value, n, content) : member;
  }

  async deleteFile(userId: UserId, n: number) {
    const member = this.#asMember(userId, ok);
    return member.ok ? this.#parts.files.delete(member.value, n) : member;
  }

  async upload(userId: UserId, n: number) {
    return this.#asMember(userId, (member) => this.#parts.files.upload(member, n));
  }

  async file(readerId: UserId, n: number) {
    return this.#asMember(readerId, (reader) => this.#parts.files.stored(reader, n));
  }

  async files(readerId: UserId, query: FileQuery) {
    return this.#asMember(readerId, (reader) => this.#parts.files.page(reader, query));
  }

  async heldFiles(ns: readonly number[]): Promise<number[]> {
    return this.#parts.state.files.held(ns);
  }

  async audit(cursor: number) {
    return this.#parts.followers.audit(cursor);
  }

  async drain(sink?: string): Promise<void> {
    this.#parts.followers.drain(sink);
  }

  /** Upgrades a member's socket. The worker has authenticated the headers and strips them from outside requests. */
  override async fetch(request: Request): Promise<Response> {
    const userId = decodeURIComponent(request.headers.get("x-parley-user") ?? "");
    const expiresAt = Number(request.headers.get("x-parley-expires"));
    const member = this.#asMember(userId, ok);
    if (!member.ok) {
      return Response.json(member.error, { status: ERROR_CODES[member.error.code].status });
    }
    return this.#parts.sessions.upgrade(this.ctx, { userId, expiresAt });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> | void {
    const session = this.#parts.sessions.of(socket);
    if (session !== undefined) return this.#parts.door.receive(session, data);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#parts.sessions.forget(socket);
    answerClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#parts.sessions.forget(socket);
  }

  override async alarm(): Promise<void> {
    await this.#parts.timetable.run(Date.now);
  }

  #asMember<T>(
    userId: string,
    answer: (member: MemberRecord) => Result<T, Refusal>,
  ): Result<T, Refusal> {
    const { state } = this.#parts;
    const member = state.founded === null ? undefined : state.members.find(userId);
    return member === undefined ? fail(NO_SUCH_CONVERSATION) : answer(member);
  }
}
