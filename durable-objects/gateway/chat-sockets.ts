import * as v from "valibot";
import { isSvcPayload } from "../../core/chat/chat-svc.ts";
import {
  ERROR_EVENTS,
  isNgomnaEvent,
  parsePayload,
  type NgomnaEventName,
} from "../../core/chat/ngomna-events.ts";
import {
  NOTHING_FOLLOWED,
  parseOffset,
  type RecoveryOffset,
} from "../../core/chat/recovery-offset.ts";
import type { Emission, RenderContext } from "../../core/chat/ngomna-render.ts";
import type { ServerEventName } from "../../core/chat/server-events.ts";
import { isOwnMatricule } from "../../core/person-name.ts";
import { FLOOD_PAUSE_MS, type RateBounds } from "../../core/rate-limit.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import { readTraceparent } from "../../protocol/trace-context.ts";
import { verifyToken } from "../../worker/auth/verify-token.ts";
import { isoTime } from "../iso-time.ts";
import { RefusedError } from "../../worker/refused-error.ts";
import { errorText, logEvent } from "../log.ts";
import type {
  Admission,
  ClientEvent,
  ConnectRequest,
  NamespaceHandlers,
} from "../socket-io/handlers.ts";
import type { IoSocket } from "../socket-io/io-socket.ts";
import { chatDataSchema, handshakeSchema, type ChatData, type Person } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import { ChatSocket, type ChatSocketHost } from "./chat-socket.ts";
import {
  chatMessage,
  isSvcEvent,
  joinRoom,
  svcTyping,
  type SvcEventName,
} from "./chat-svc-handlers.ts";
import type { Call } from "./member-actions.ts";
import { HANDLERS, type HandledName } from "./ngomna-handlers.ts";
import { refusalOf, refusalPayload, type Outcome } from "./outcome.ts";
import { authenticatedPayload, followAll, signOut } from "./sign-in.ts";

const AUTH_TIMEOUT_MS = 10_000;

/** The Socket.IO connections of one Gateway: who they belong to, and what they say. */
export class ChatSockets implements NamespaceHandlers, ChatSocketHost {
  readonly context: RenderContext;
  readonly rate: RateBounds;
  readonly #parts: ChatParts;
  readonly #schedule: (at: number) => void;
  readonly #chats = new Map<IoSocket, ChatSocket>();

  constructor(parts: ChatParts, schedule: (at: number) => void) {
    this.#parts = parts;
    this.#schedule = schedule;
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
    chat.ready = this.#enter(chat, token, person, offset).finally(() => {
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
    if (chat !== undefined) this.#leave(chat);
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
        this.#expire(chat);
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
      refuse(chat, event, refusalOf(error));
    }
  }

  async #outcome(
    chat: ChatSocket,
    name: string | number,
    payload: unknown,
  ): Promise<Outcome | null> {
    if (name === "authenticate") return this.#authenticate(chat, payload);
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
    const { person } = chat;
    if (person === null) throw new RefusedError(NOT_SIGNED_IN);
    if (Date.now() >= person.expiresAt) {
      this.#expire(chat);
      throw new RefusedError(refusal("TOKEN_EXPIRED", "the token has expired"));
    }
    const traceparent = readTraceparent(Object(payload).traceparent);
    return { parts: this.#parts, chat, me: person, traceparent };
  }

  async #authenticate(chat: ChatSocket, payload: unknown): Promise<Outcome> {
    const given = parsePayload("authenticate", payload);
    if (!given.ok) throw new RefusedError(given.error);
    const { token, userId, matricule } = given.value;
    if (token === undefined && chat.person === null) throw new RefusedError(noToken(given.value));
    const person = token === undefined ? chat.person : await this.#read(token);
    if (person === null) throw new RefusedError(NOT_SIGNED_IN);
    if (userId !== undefined && userId !== person.userId) throw new RefusedError(SOMEBODY_ELSE);
    if (matricule != null && !isOwnMatricule(person.matricule, matricule)) {
      throw new RefusedError(SOMEBODY_ELSE);
    }
    return {
      event: "authenticated",
      payload: await this.#signIn(chat, person, null),
      afterwards: () => this.#catchUpAll(chat),
    };
  }

  /** A token that came with CONNECT or the handshake: the client hears what became of it as of `authenticate`. */
  async #enter(
    chat: ChatSocket,
    token: string | null,
    known: Person | null,
    offset: RecoveryOffset | null,
  ): Promise<void> {
    try {
      const person = token === null ? known : await this.#read(token);
      if (person === null) return;
      chat.emit(["authenticated", await this.#signIn(chat, person, offset)]);
      this.#catchUpAll(chat);
    } catch (error) {
      chat.emit(["auth_error", refusalPayload(refusalOf(error))]);
    }
  }

  async #read(token: string): Promise<Person> {
    const holder = await verifyToken(this.#parts.env, this.#parts.config(), token);
    if (!holder.ok) throw new RefusedError(holder.error);
    const { userId, name, matricule, role, expiresAt } = holder.value;
    return { userId, name, matricule, role, expiresAt };
  }

  async #signIn(chat: ChatSocket, person: Person, offset: RecoveryOffset | null): Promise<object> {
    const { hub, people } = this.#parts;
    if (chat.person !== null && chat.person.userId !== person.userId) {
      throw new RefusedError(SOMEBODY_ELSE);
    }
    const isNew = chat.person === null;
    chat.keep({ person, authBy: null });
    people.remember(person.userId, person.matricule);
    this.#schedule(person.expiresAt);
    if (isNew) hub.add(chat, NOTHING_FOLLOWED);
    const connection = { subscriber: chat, connectionId: chat.data.connectionId };
    try {
      return authenticatedPayload(person, await followAll(this.#parts, connection, offset));
    } catch (error) {
      if (isNew) this.#signOut(chat);
      throw error;
    }
  }

  /** What was missed, and with or without it a first offset: a client without one cannot recover. */
  #catchUpAll(chat: ChatSocket): void {
    const { hub, missed, waitUntil } = this.#parts;
    const read = async (): Promise<void> => {
      for (const id of hub.conversationsOf(chat)) await missed.catchUp(chat, id);
      chat.tellOffset();
    };
    waitUntil(read());
  }

  #expire(chat: ChatSocket): void {
    const expired = refusal("TOKEN_EXPIRED", "the token has expired");
    chat.emit(["auth_error", refusalPayload(expired)]);
    this.#signOut(chat);
  }

  /** The connection is nobody's again, and has to sign in soon. */
  #signOut(chat: ChatSocket): void {
    this.#leave(chat);
    const authBy = Date.now() + AUTH_TIMEOUT_MS;
    chat.keep({ person: null, authBy, offset: NOTHING_FOLLOWED });
    this.#schedule(authBy);
  }

  #leave(chat: ChatSocket): void {
    if (chat.person === null) return;
    const { hub } = this.#parts;
    const { userId } = chat;
    hub.remove(chat);
    const told = signOut(this.#parts, userId, chat.data.connectionId).catch((error: unknown) => {
      // a Gateway that is told of a conversation of somebody who is not here ignores it
      logEvent("sign_out_failed", { error: errorText(error) });
    });
    this.#parts.waitUntil(told);
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
    refuse(chat, event, { ...refusal("RATE_LIMITED", "too many events"), retryAfterMs });
    if (!chat.allowance.isFlooded) return;
    chat.emit(["server_bye", { retryAfterMs: FLOOD_PAUSE_MS }]);
    chat.socket.cut();
  }
}

const NOT_SIGNED_IN = refusal("INVALID_TOKEN", "authenticate first");
const SOMEBODY_ELSE = refusal("INVALID_TOKEN", "the token is somebody else's");

/** Who names himself without a token is refused for it: a name proves nothing. */
function noToken({ userId, matricule }: { userId?: unknown; matricule?: unknown }): Refusal {
  return userId === undefined && matricule === undefined
    ? refusal("MISSING_DATA", "token: is missing")
    : refusal("INVALID_TOKEN", "a token is needed");
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

/** By error events, and by the answer to the one that asks for one. */
function refuse(chat: ChatSocket, { name, args, reply }: ClientEvent, refused: Refusal): void {
  for (const emission of errorsOf(chat, name, args[0], refused)) chat.emit(emission);
  reply?.({ success: false, ...refusalPayload(refused) });
}

/** Error events for the caller, with the ids that were given, so that a client finds what it asked. */
function errorsOf(
  chat: ChatSocket,
  name: string | number,
  payload: unknown,
  refused: Refusal,
): Emission[] {
  const told = { ...refusalPayload(refused), ...idsIn(payload) };
  if (isSvcEvent(name) || (chat.dialect === "chat-svc" && isSvcPayload(payload))) {
    return [["messageError", { error: refused.message, ...told }]];
  }
  if (!isNgomnaEvent(name)) return [];
  const events: readonly ServerEventName[] = ERROR_EVENTS[name satisfies NgomnaEventName];
  return events.map((event) => [event, told] as const);
}

const IDS = [
  "clientMessageId",
  "client_message_id",
  "messageId",
  "conversationId",
  "conversation_id",
  "fileId",
  "groupId",
];
const ID_CHARS = 1_300;

function idsIn(payload: unknown): Record<string, string> {
  if (typeof payload !== "object" || payload === null) return {};
  const ids: Record<string, string> = {};
  for (const name of IDS) {
    const id: unknown = Object.hasOwn(payload, name) ? Reflect.get(payload, name) : undefined;
    if (typeof id === "string" && id.length <= ID_CHARS) ids[name] = id;
  }
  return ids;
}
