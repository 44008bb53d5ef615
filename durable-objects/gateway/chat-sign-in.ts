import { parsePayload } from "../../core/chat/ngomna-events.ts";
import { NOTHING_FOLLOWED, type RecoveryOffset } from "../../core/chat/recovery-offset.ts";
import { isOwnMatricule } from "../../core/person-name.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { verifyToken } from "../../edge/auth/verify-token.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { Person } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import type { ChatSocket } from "./chat-socket.ts";
import { refusalOf, refusalPayload, type Outcome } from "./outcome.ts";
import { authenticatedPayload, followAll, signOut } from "./sign-in.ts";

/** How long a Socket.IO connection may be nobody's. */
export const AUTH_TIMEOUT_MS = 10_000;

/** Who a Socket.IO connection belongs to: nobody until it shows a token, and nobody again once that has expired. */
export class ChatSignIn {
  readonly #parts: ChatParts;
  readonly #schedule: (at: number) => void;

  constructor(parts: ChatParts, schedule: (at: number) => void) {
    this.#parts = parts;
    this.#schedule = schedule;
  }

  /** Throws a refusal when it is nobody's, or not any more. */
  personOf(chat: ChatSocket): Person {
    const { person } = chat;
    if (person === null) throw new RefusedError(NOT_SIGNED_IN);
    if (Date.now() < person.expiresAt) return person;
    this.expire(chat);
    throw new RefusedError(TOKEN_EXPIRED);
  }

  async authenticate(chat: ChatSocket, payload: unknown): Promise<Outcome> {
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
  async enter(
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

  expire(chat: ChatSocket): void {
    chat.emit(["auth_error", refusalPayload(TOKEN_EXPIRED)]);
    this.#signOut(chat);
  }

  /** The connection is nobody's again, and has to sign in soon. */
  #signOut(chat: ChatSocket): void {
    this.leave(chat);
    const authBy = Date.now() + AUTH_TIMEOUT_MS;
    chat.keep({ person: null, authBy, offset: NOTHING_FOLLOWED });
    this.#schedule(authBy);
  }

  leave(chat: ChatSocket): void {
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
}

const NOT_SIGNED_IN = refusal("INVALID_TOKEN", "authenticate first");
const TOKEN_EXPIRED = refusal("TOKEN_EXPIRED", "the token has expired");
const SOMEBODY_ELSE = refusal("INVALID_TOKEN", "the token is somebody else's");

/** Who names himself without a token is refused for it: a name proves nothing. */
function noToken({ userId, matricule }: { userId?: unknown; matricule?: unknown }): Refusal {
  return userId === undefined && matricule === undefined
    ? refusal("MISSING_DATA", "token: is missing")
    : refusal("INVALID_TOKEN", "a token is needed");
}
