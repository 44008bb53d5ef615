import { parseConversationId } from "../protocol/ids.ts";
import { ConversationSession, type ConnectionPorts } from "./conversation-session.ts";
import { RefusedError, refused } from "./errors.ts";
import { FileClient } from "./file-client.ts";
import { GroupClient } from "./group-client.ts";
import type { Carry, Fetch } from "./http.ts";
import { ListFeed } from "./list-feed.ts";
import type { Credentials, User } from "./rest-answers.ts";
import { AccountsClient, RestClient, type Login, type Registration } from "./rest-client.ts";
import { SafetyClient } from "./safety-client.ts";
import { SignedInRequests } from "./signed-in-requests.ts";
import { SharedSocket } from "./shared-socket.ts";
import { systemTimers } from "./timers.ts";
import { TokenKeeper, type KeyValueStorage } from "./token-keeper.ts";
import type { DialTransport } from "./transport.ts";
import { webSocketTransport, type WebSocketConstructor } from "./websocket-transport.ts";

export interface ParleyOptions {
  /** The edge, e.g. `https://chat.example.org`. */
  baseUrl: string;
  /** The global one by default. */
  fetch?: Fetch;
  /** Takes the bytes of files. `fetch` by default, which does not tell how far it has got. */
  carry?: Carry;
  /** The global one by default. */
  webSocket?: WebSocketConstructor;
  /** Keeps the sign-in over reloads; none by default. */
  storage?: KeyValueStorage;
  /**
   * `direct`, the default: each conversation, and the list, has a socket of its own; the shortest way for few conversations.
   * `shared`: one socket carries all of them; for an application that shows a list, or follows many conversations.
   */
  sockets?: "direct" | "shared";
}

/** One user of one Parley server: accounts, REST, and live conversations. */
export class ParleyClient {
  readonly rest: RestClient;
  /** Members, settings, invitations and requests of groups. */
  readonly groups: GroupClient;
  /** Reports and blocks. */
  readonly safety: SafetyClient;
  /** Uploads, and what is known about files. */
  readonly files: FileClient;
  readonly #baseUrl: string;
  readonly #accounts: AccountsClient;
  readonly #tokens: TokenKeeper;
  readonly #dial: DialTransport;
  readonly #sockets: "direct" | "shared";
  /** Of who is signed in, since the first conversation or the list was asked for. */
  #shared: SharedSocket | undefined;

  constructor({ baseUrl, fetch, carry, webSocket, storage, sockets }: ParleyOptions) {
    const doFetch: Fetch = fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#baseUrl = baseUrl;
    this.#dial = webSocketTransport(webSocket ?? WebSocket);
    this.#sockets = sockets ?? "direct";
    this.#accounts = new AccountsClient(doFetch, baseUrl);
    this.#tokens = new TokenKeeper({
      refresh: (refreshToken) => this.#accounts.refresh(refreshToken),
      now: () => Date.now(),
      storage,
    });
    this.rest = new RestClient(doFetch, baseUrl, this.#tokens);
    const requests = new SignedInRequests(doFetch, baseUrl, this.#tokens);
    this.groups = new GroupClient(requests);
    this.safety = new SafetyClient(requests);
    this.files = new FileClient(requests, {
      baseUrl,
      carry: carry ?? doFetch,
      now: () => Date.now(),
      randomId: () => crypto.randomUUID(),
    });
  }

  /** Who is signed in; undefined also after the server has ended the sign-in. */
  get user(): User | undefined {
    return this.#tokens.user;
  }

  async register(registration: Registration): Promise<User> {
    const credentials = await this.#accounts.register(registration);
    return this.#signIn(credentials);
  }

  async login(login: Login): Promise<User> {
    const credentials = await this.#accounts.login(login);
    return this.#signIn(credentials);
  }

  /** Signs out here at once, also when the server cannot be told. */
  async logout(): Promise<void> {
    const { refreshToken } = this.#tokens;
    this.#tokens.forget();
    if (refreshToken !== undefined) await this.#accounts.logout(refreshToken);
  }

  /**
   * A session of one conversation; `open()` it. It reads what is after `cursor`: 0, the whole log, by default.
   * Throws a `RefusedError` for what is no conversation id.
   */
  conversation(id: string, cursor = 0): ConversationSession {
    const conversationId = parseConversationId(id);
    if (!conversationId.ok) throw new RefusedError(refused(conversationId.error));
    const url = this.#socketUrl(`/conversations/${conversationId.value}/socket`);
    const ports = this.#sharedSocket()?.conversation(conversationId.value) ?? this.#ownSocket();
    return new ConversationSession(url, conversationId.value, cursor, { ...RANDOM, ...ports });
  }

  /** The conversation list as it changes; `open()` it. */
  listFeed(): ListFeed {
    const ports = this.#sharedSocket()?.list() ?? this.#ownSocket();
    return new ListFeed(this.#socketUrl("/socket"), { ...RANDOM, ...ports });
  }

  /** A shared socket is one user's: sessions of the next one must not ride on it. */
  #signIn(credentials: Credentials): User {
    this.#tokens.keep(credentials);
    this.#shared = undefined;
    return credentials.user;
  }

  #socketUrl(path: string): string {
    const url = new URL(path, this.#baseUrl);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
  }

  #ownSocket(): ConnectionPorts {
    return { dial: this.#dial, token: (fresh) => this.#token(fresh), timers: systemTimers() };
  }

  #sharedSocket(): SharedSocket | undefined {
    if (this.#sockets === "direct") return undefined;
    this.#shared ??= new SharedSocket(this.#socketUrl("/socket"), {
      dial: this.#dial,
      token: (fresh) => this.#token(fresh),
      makeTimers: systemTimers,
    });
    return this.#shared;
  }

  #token(fresh: boolean): Promise<string> {
    return fresh ? this.#tokens.renew() : this.#tokens.token();
  }
}

const RANDOM = { random: () => Math.random(), randomId: () => crypto.randomUUID() };
