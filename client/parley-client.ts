import { parseConversationId } from "../protocol/ids.ts";
import { ConversationSession, type SessionPorts } from "./conversation-session.ts";
import { RefusedError, refused } from "./errors.ts";
import { GroupClient } from "./group-client.ts";
import type { Fetch } from "./http.ts";
import { ListFeed } from "./list-feed.ts";
import type { User } from "./rest-answers.ts";
import { AccountsClient, RestClient, type Login, type Registration } from "./rest-client.ts";
import { SafetyClient } from "./safety-client.ts";
import { SignedInRequests } from "./signed-in-requests.ts";
import { systemTimers } from "./timers.ts";
import { TokenKeeper, type KeyValueStorage } from "./token-keeper.ts";
import { webSocketTransport, type WebSocketConstructor } from "./websocket-transport.ts";

export interface ParleyOptions {
  /** The edge, e.g. `https://chat.example.org`. */
  baseUrl: string;
  /** The global one by default. */
  fetch?: Fetch;
  /** The global one by default. */
  webSocket?: WebSocketConstructor;
  /** Keeps the sign-in over reloads; none by default. */
  storage?: KeyValueStorage;
}

/** One user of one Parley server: accounts, REST, and live conversations. */
export class ParleyClient {
  readonly rest: RestClient;
  /** Members, settings, invitations and requests of groups. */
  readonly groups: GroupClient;
  /** Reports and blocks. */
  readonly safety: SafetyClient;
  readonly #baseUrl: string;
  readonly #accounts: AccountsClient;
  readonly #tokens: TokenKeeper;
  readonly #webSocket: WebSocketConstructor;

  constructor({ baseUrl, fetch, webSocket, storage }: ParleyOptions) {
    const doFetch: Fetch = fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#baseUrl = baseUrl;
    this.#webSocket = webSocket ?? WebSocket;
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
  }

  /** Who is signed in; undefined also after the server has ended the sign-in. */
  get user(): User | undefined {
    return this.#tokens.user;
  }

  async register(registration: Registration): Promise<User> {
    const credentials = await this.#accounts.register(registration);
    this.#tokens.keep(credentials);
    return credentials.user;
  }

  async login(login: Login): Promise<User> {
    const credentials = await this.#accounts.login(login);
    this.#tokens.keep(credentials);
    return credentials.user;
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
    return new ConversationSession(url, conversationId.value, cursor, this.#ports());
  }

  /** The conversation list as it changes; `open()` it. */
  listFeed(): ListFeed {
    return new ListFeed(this.#socketUrl("/socket"), this.#ports());
  }

  #socketUrl(path: string): string {
    const url = new URL(path, this.#baseUrl);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
  }

  #ports(): SessionPorts {
    return {
      dial: webSocketTransport(this.#webSocket),
      token: (fresh) => (fresh ? this.#tokens.renew() : this.#tokens.token()),
      timers: systemTimers(),
      random: () => Math.random(),
      randomId: () => crypto.randomUUID(),
    };
  }
}
