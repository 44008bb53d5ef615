import { NOTHING_FOLLOWED } from "../../core/chat/recovery-offset.ts";
import { FLOOD_PAUSE_MS, type RateBounds } from "../../core/rate-limit.ts";
import type { HelloFrame } from "../../protocol/client-frames.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { ERROR_CODES, refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { decodeMultiplexText, type MultiplexFrame } from "../../protocol/multiplex-frames.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";
import { keyOf } from "../error-frame.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import { answerClose } from "../socket-close.ts";
import type { Person } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import { NativeDoor } from "./native-door.ts";
import { NativeSocket, type NativeSocketHost } from "./native-socket.ts";
import { refusalOf } from "./outcome.ts";
import { signOut } from "./sign-in.ts";

/** The sockets of `GET /socket`: the native protocol for many conversations over one connection. Rules MUX-1, MUX-3 and MUX-4. */
export class NativeSockets implements NativeSocketHost {
  readonly rate: RateBounds;
  readonly #ctx: DurableObjectState;
  readonly #parts: ChatParts;
  readonly #schedule: (at: number) => void;
  readonly #door: NativeDoor;
  readonly #sockets = new Map<WebSocket, NativeSocket>();

  constructor(ctx: DurableObjectState, parts: ChatParts, schedule: (at: number) => void) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#schedule = schedule;
    this.rate = parts.rate;
    this.#door = new NativeDoor(parts, () => this.size);
  }

  offsetOf(native: NativeSocket): string {
    return this.#parts.hub.offsetOf(native);
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Takes connections back that slept. */
  wake(): void {
    for (const socket of this.#ctx.getWebSockets()) this.#woken(socket);
  }

  /** Upgrades; the worker has read the token. Once the client knows that it is connected, it misses no change of its list. */
  async accept(person: Person): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    const native = new NativeSocket(
      server,
      { v: 1, native: true, sessionId: crypto.randomUUID(), person, offset: NOTHING_FOLLOWED },
      this,
    );
    native.keep({});
    this.#add(native, NOTHING_FOLLOWED);
    this.#schedule(person.expiresAt);
    await this.#enter(native).catch((error: unknown) => this.#failed("inbox_not_told", error));
    return new Response(null, { status: 101, webSocket: client });
  }

  async #enter(native: NativeSocket): Promise<void> {
    const isWelcome = await callInbox(this.#parts.env, native.userId, (inbox) =>
      inbox.connected(this.#parts.gateway, native.sessionId),
    );
    if (!isWelcome) this.#sendAway(native);
  }

  message(socket: WebSocket, data: string | ArrayBuffer): Promise<void> | void {
    const native = this.#sockets.get(socket);
    if (native === undefined) return;
    const now = Date.now();
    if (now >= native.person.expiresAt) return this.#expire(native);
    const text = decodeMultiplexText(data);
    if (!text.ok) return this.#refuse(native, {}, text.error);
    const handling: Promise<void>[] = [];
    for (const frame of text.value) {
      const waitMs = native.allowance.take(now);
      if (waitMs > 0) this.#slowDown(native, frame.ok ? frame.value : undefined, waitMs);
      else if (frame.ok) handling.push(this.#handle(native, frame.value));
      else this.#refuse(native, frame.error, frame.error);
    }
    return Promise.all(handling).then(() => undefined);
  }

  closed(socket: WebSocket, code: number, reason: string): void {
    this.lost(socket);
    answerClose(socket, code, reason);
  }

  lost(socket: WebSocket): void {
    const native = this.#sockets.get(socket) ?? this.#woken(socket);
    if (native === undefined) return;
    this.#sockets.delete(socket);
    const { hub } = this.#parts;
    hub.remove(native);
    const told = signOut(this.#parts, native.userId, native.sessionId);
    this.#parts.waitUntil(told.catch((error: unknown) => this.#failed("sign_out_failed", error)));
  }

  tick(now: number): void {
    for (const native of this.#sockets.values()) {
      if (now >= native.person.expiresAt) this.#expire(native);
    }
  }

  dueAt(): number | null {
    const due = [...this.#sockets.values()].map(({ person }) => person.expiresAt);
    return due.length === 0 ? null : Math.min(...due);
  }

  #add(native: NativeSocket, offset: string): void {
    this.#sockets.set(native.socket, native);
    this.#parts.hub.add(native, offset);
  }

  #woken(socket: WebSocket): NativeSocket | undefined {
    const attachment = NativeSocket.attachmentOf(socket);
    if (attachment === null) return undefined;
    const native = new NativeSocket(socket, attachment, this);
    this.#add(native, attachment.offset);
    return native;
  }

  async #handle(native: NativeSocket, about: MultiplexFrame): Promise<void> {
    const { conversationId, frame, ref } = about;
    // without a greeting under way frames are taken at once, in their order, so that a text may leave and come back
    for (let greeting; (greeting = native.greetings.get(conversationId)) !== undefined;) {
      await greeting.answered.catch(() => undefined);
    }
    if (!this.#isHere(native)) return;
    if (frame.type === "hello") return this.#greet(native, conversationId, frame, ref);
    try {
      if (frame.type === "bye") {
        this.#parts.hub.unfollow(native, conversationId);
        return native.unfollowed(conversationId);
      }
      if (!this.#parts.hub.isFollowing(native, conversationId)) {
        const early = refusal("INVALID_DATA", "say hello first");
        return this.#refuse(native, about, { ...early, ...keyOf(frame) });
      }
      await this.#door.receive(native, conversationId, frame);
    } catch (error) {
      // the conversation's rules refuse it, which closes nothing: rule LIM-10
      native.refuse(conversationId, { ...refusalOf(error), ...keyOf(frame) });
    }
  }

  async #greet(
    native: NativeSocket,
    id: ConversationId,
    hello: HelloFrame,
    ref: string | undefined,
  ): Promise<void> {
    const answered = this.#door.greet(native, id, hello, ref);
    native.greetings.set(id, { answered, ref });
    try {
      await answered;
    } catch (error) {
      const refused = refusalOf(error);
      // that no conversation answers is no fault of the client's
      if (ERROR_CODES[refused.code].retryable) native.refuse(id, refused, ref);
      else this.#refuse(native, { conversationId: id, ref }, refused);
    } finally {
      native.greetings.delete(id);
    }
  }

  /** Sends the user's connections away for good. */
  expel(userId: UserId): void {
    for (const native of this.#sockets.values()) {
      if (native.userId === userId) this.#sendAway(native);
    }
  }

  #sendAway(native: NativeSocket): void {
    this.#close(native, CLOSE_CODES.forbidden, "the account is suspended");
  }

  #expire(native: NativeSocket): void {
    this.#close(native, CLOSE_CODES.tokenExpired, "the token has expired");
  }

  /** Once, also when more of the same text would close it. */
  #close(native: NativeSocket, code: number, reason: string): void {
    if (!this.#isHere(native)) return;
    native.socket.close(code, reason);
    this.lost(native.socket);
  }

  #isHere(native: NativeSocket): boolean {
    return this.#sockets.get(native.socket) === native;
  }

  /** A frame that no client of ours would send. Rule LIM-10. */
  #refuse(
    native: NativeSocket,
    { conversationId, ref }: { conversationId?: string; ref?: string | undefined },
    refused: Refusal & { clientMessageId?: string },
  ): void {
    native.refusedFrames++;
    native.refuse(conversationId, refused, ref);
    if (native.refusedFrames <= LIMITS.refusedFrames) return;
    this.#close(native, CLOSE_CODES.protocol, "too many refused frames");
  }

  #slowDown(native: NativeSocket, about: MultiplexFrame | undefined, retryAfterMs: number): void {
    const refused = { ...refusal("RATE_LIMITED", "too many frames"), retryAfterMs };
    native.refuse(about?.conversationId, { ...refused, ...keyOf(about?.frame) }, about?.ref);
    if (!native.allowance.isFlooded) return;
    native.sendText(JSON.stringify({ type: "bye", retryAfterMs: FLOOD_PAUSE_MS }));
    this.#close(native, CLOSE_CODES.rateLimited, "flood");
  }

  #failed(event: string, error: unknown): void {
    logEvent(event, { error: errorText(error) });
  }
}
