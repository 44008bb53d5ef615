import * as v from "valibot";
import { isSvcPayload } from "../../core/chat/chat-svc.ts";
import { isNgomnaEvent, parsePayload } from "../../core/chat/ngomna-events.ts";
import { NOTHING_FOLLOWED, parseOffset } from "../../core/chat/recovery-offset.ts";
import type { RenderContext } from "../../core/chat/ngomna-render.ts";
import { FLOOD_PAUSE_MS, type RateBounds } from "../../core/rate-limit.ts";
import { refusal } from "../../protocol/error-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import { readTraceparent } from "../../protocol/trace-context.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import type {
  Admission,
  ClientEvent,
  ConnectRequest,
  NamespaceHandlers,
} from "../socket-io/handlers.ts";
import type { IoSocket } from "../socket-io/io-socket.ts";
import { chatDataSchema, handshakeSchema, type ChatData } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import { AUTH_TIMEOUT_MS, ChatSignIn } from "./chat-sign-in.ts";
import { ChatSocket, type ChatSocketHost } from "./chat-socket.ts";
import {
  chatMessage,
  isSvcEvent,
  joinRoom,
  svcTyping,
  type SvcEventName,
} from "./chat-svc-handlers.ts";
import { refuseEvent } from "./event-errors.ts";
import type { Call } from "./member-actions.ts";
import { HANDLERS, type HandledName } from "./ngomna-handlers.ts";
import { refusalOf, refusalPayload, type Outcome } from "./outcome.ts";

/** The Socket.IO connections of one Gateway, and which handler answers what they say. */
export class ChatSockets implements NamespaceHandlers, ChatSocketHost {
  readonly context: RenderContext;
  readonly rate: RateBounds;
  readonly #parts: ChatParts;
  readonly #schedule: (at: number) => void;
  readonly #signIn: ChatSignIn;
  readonly #chats = new Map<IoSocket, ChatSocket>();

  constructor(parts: ChatParts, schedule: (at: number) => void) {
    this.#parts = parts;
    this.#schedule = schedule;
    this.#signIn = new ChatSignIn(parts, schedule);
    this.rate = parts.rate;
    this.context = {
      time: isoTime,
      matriculeOf: (userId) => parts.people.matriculeOf(userId),
    };
  }

  /** Takes connections back that slept. */
  wake(sockets: Iterable<IoSocket>): void {
    for (const socket of sockets) {
      const parsed = v.safeParse(chatDataSchema, socket.data);
      if (!parsed.success) {
        socket.cut();
        continue;
      }
      const { person, offset } = parsed.output;
      const chat = new ChatSocket(this, socket, parsed.output);
      this.#chats.set(socket, chat);
      if (person === null) continue;
      this.#parts.people.remember(person.userId, person.matricule);
      this.#parts.hub.add(chat, offset);
    }
  }

  offsetOf(chat: ChatSocket): string {
    return this.#parts.hub.offsetOf(chat);
  }

  admit({ auth, handshake, recovery }: ConnectRequest): Admission {
    const { person, dialect } = v.parse(handshakeSchema, handshake);
    // who shows no token with it has to sign in first, and must not take himself for recovered
    const isSigningIn = person !== null || tokenIn(auth) !== null;
    const recovered = isSigningIn && recovery !== null && parseOffset(recovery.offset) !== null;
    const data: ChatData = {
      v: 1,
      person: null,
      authBy: Date.now() + AUTH_TIMEOUT_MS,
      dialect,
      offset: NOTHING_FOLLOWED,
      connectionId: crypto.randomUUID(),
    };
    return { admitted: true, recovered, data };
  }

  connected(socket: IoSocket, { auth, handshake, recovery }: ConnectRequest): Promise<void> | void {
    const chat = new ChatSocket(this, socket, v.parse(chatDataSchema, socket.data));
    this.#chats.set(socket, chat);
    this.#schedule(Date.now() + AUTH_TIMEOUT_MS);
    const { person } = v.parse(handshakeSchema, handshake);
    const token = tokenIn(auth);
    if (token === null && person === null) return;
    const offset = recovery === null ? null : parseOffset(recovery.offset);
    chat.ready = this.#signIn.enter(chat, token, person, offset).finally(() => {
      chat.ready = null;
    });
    return chat.ready;
  }

  event(socket: IoSocket, event: ClientEvent): Promise<void> | void {
    const chat = this.#chats.get(socket);
    if (chat === undefined) return;
    const waitMs = chat.allowance.take(Date.now());
    if (waitMs > 0) return this.#slowDown(chat, event, waitMs);
    // in order: what came while the token was being read waits for that, in the order it came
    if (chat.ready !== null) return chat.ready.then(() => this.#handle(chat, event));
    return this.#handle(chat, event);
  }

  answered(): void {
    // nothing is asked of clients
  }

  disconnected(socket: IoSocket): void {
    const chat = this.#chats.get(socket);
    this.#chats.delete(socket);
    if (chat !== undefined) this.#signIn.leave(chat);
  }

  /** Sends away who has not signed in in time; asks those for a new token whose own has ended. */
  tick(now: number): void {
    for (const chat of this.#chats.values()) {
      const { person, authBy } = chat.data;
      if (authBy !== null && now >= authBy && chat.ready === null) {
        // DISCONNECT first: a client reconnects for ever with the same token after a mere close
        chat.socket.disconnect();
        chat.socket.cut();
      } else if (person !== null && now >= person.expiresAt) {
        this.#signIn.expire(chat);
      }
    }
  }

  dueAt(): number | null {
    const due = [...this.#chats.values()]
      .map(({ data }) => data.authBy ?? data.person?.expiresAt ?? null)
      .filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  async #handle(chat: ChatSocket, event: ClientEvent): Promise<void> {
    const { name, args, reply } = event;
    try {
      const outcome = await this.#outcome(chat, name, args[0]);
      if (outcome === null) return;
      if (outcome.event !== null) chat.emit([outcome.event, outcome.payload]);
      reply?.({ success: true, ...outcome.payload });
      outcome.afterwards?.();
    } catch (error) {
      refuseEvent(chat, event, refusalOf(error));
    }
  }

  async #outcome(
    chat: ChatSocket,
    name: string | number,
    payload: unknown,
  ): Promise<Outcome | null> {
    if (name === "authenticate") return this.#signIn.authenticate(chat, payload);
    if (isSvcEvent(name)) {
      chat.keep({ dialect: "chat-svc" });
      return svcOutcome(this.#call(chat, payload), name, payload);
    }
    if ((name === "typing" || name === "stopTyping") && isSvcPayload(payload)) {
      return svcTyping(this.#call(chat, payload), payload, name === "typing");
    }
    if (!isNgomnaEvent(name)) {
      throw new RefusedError(refusal("INVALID_DATA", "there is no such event"));
    }
    if (name === "ping") return HANDLERS.ping(this.#call(chat, payload), {});
    const call = this.#call(chat, payload);
    return run(call, name as HandledName, payload); // `authenticate` went its own way above
  }

  #call(chat: ChatSocket, payload: unknown): Call {
    const me = this.#signIn.personOf(chat);
    const traceparent = readTraceparent(Object(payload).traceparent);
    return { parts: this.#parts, chat, me, traceparent };
  }

  /** Sends the user's connections away for good. */
  expel(userId: UserId): void {
    for (const chat of this.#chats.values()) {
      if (chat.person?.userId !== userId) continue;
      chat.emit(["auth_error", refusalPayload(refusal("FORBIDDEN", "the account is suspended"))]);
      chat.socket.disconnect();
      chat.socket.cut();
    }
  }

  #slowDown(chat: ChatSocket, event: ClientEvent, retryAfterMs: number): void {
    refuseEvent(chat, event, { ...refusal("RATE_LIMITED", "too many events"), retryAfterMs });
    if (!chat.allowance.isFlooded) return;
    chat.emit(["server_bye", { retryAfterMs: FLOOD_PAUSE_MS }]);
    chat.socket.cut();
  }
}

function tokenIn(auth: Record<string, unknown>): string | null {
  const { token } = auth;
  return typeof token === "string" && token !== "" ? token : null;
}

async function run(call: Call, name: HandledName, payload: unknown): Promise<Outcome> {
  const given = parsePayload(name, payload);
  if (!given.ok) throw new RefusedError(given.error);
  // the payload was read by the schema of the same name
  const handle = HANDLERS[name] as (call: Call, payload: unknown) => Promise<Outcome> | Outcome;
  return handle(call, given.value);
}

async function svcOutcome(call: Call, name: SvcEventName, payload: unknown): Promise<Outcome> {
  return name === "joinRoom" ? joinRoom(call, payload) : chatMessage(call, payload);
}
