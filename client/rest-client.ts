import * as v from "valibot";
import { request, type Fetch } from "./http.ts";
import {
  conversationPageSchema,
  conversationSchema,
  credentialsSchema,
  historySchema,
  reactionsSchema,
  userPageSchema,
  userSchema,
  type ConversationPage,
  type ConversationSummary,
  type Credentials,
  type History,
  type Reaction,
  type User,
  type UserPage,
} from "./rest-answers.ts";
import { SignedInRequests, type TokenSource } from "./signed-in-requests.ts";

export interface Registration {
  matricule: string;
  password: string;
  name: string;
  email?: string;
}

/** `login` is a matricule or an email address. */
export interface Login {
  login: string;
  password: string;
}

/** Which page of a conversation's messages: the newest, unless one bound is given. */
export interface HistoryQuery {
  beforeSeq?: number;
  afterSeq?: number;
  limit?: number;
}

/** The accounts' routes: they need no token. */
export class AccountsClient {
  readonly #fetch: Fetch;
  readonly #baseUrl: string;

  constructor(fetch: Fetch, baseUrl: string) {
    this.#fetch = fetch;
    this.#baseUrl = baseUrl;
  }

  register(registration: Registration): Promise<Credentials> {
    return this.#post("/auth/register", registration, credentialsSchema);
  }

  login({ login, password }: Login): Promise<Credentials> {
    const who = login.includes("@") ? { email: login } : { matricule: login };
    return this.#post("/auth/login", { ...who, password }, credentialsSchema);
  }

  refresh(refreshToken: string): Promise<Credentials> {
    return this.#post("/auth/refresh", { refreshToken }, credentialsSchema);
  }

  async logout(refreshToken: string): Promise<void> {
    await this.#post("/auth/logout", { refreshToken }, v.unknown());
  }

  #post<Schema extends v.GenericSchema>(
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    return request(this.#fetch, this.#baseUrl, { method: "POST", path, body }, schema);
  }
}

/** The routes of a signed-in user. Every method throws a `ParleyError`. */
export class RestClient {
  readonly #requests: SignedInRequests;

  constructor(fetch: Fetch, baseUrl: string, tokens: TokenSource) {
    this.#requests = new SignedInRequests(fetch, baseUrl, tokens);
  }

  me(): Promise<User> {
    return this.#requests.ask({ method: "GET", path: "/auth/me" }, meSchema);
  }

  /** The conversation with one other person; the same one however often and by whom it is asked for. */
  createDirect(participantId: string): Promise<ConversationSummary> {
    const body = { participantId };
    return this.#requests.ask({ method: "POST", path: "/conversations", body }, conversationSchema);
  }

  createGroup(name: string, participantIds: readonly string[]): Promise<ConversationSummary> {
    const body = { name, participantIds };
    return this.#requests.ask(
      { method: "POST", path: "/conversations/group", body },
      conversationSchema,
    );
  }

  listConversations(query: { cursor?: string; limit?: number } = {}): Promise<ConversationPage> {
    return this.#requests.ask(
      { method: "GET", path: "/conversations", query: { ...query } },
      conversationPageSchema,
    );
  }

  history(conversationId: string, query: HistoryQuery = {}): Promise<History> {
    return this.#requests.ask(
      { method: "GET", path: "/messages", query: { conversationId, ...query } },
      historySchema,
    );
  }

  /** Who reacted how to the message at `seq`. */
  async reactions(conversationId: string, seq: number): Promise<Reaction[]> {
    const messageId = encodeURIComponent(`${conversationId}.${seq}`);
    const path = `/messages/${messageId}/reactions`;
    return (await this.#requests.ask({ method: "GET", path }, reactionsSchema)).reactions;
  }

  /** Somebody of the directory. */
  user(userId: string): Promise<User> {
    const path = `/users/${encodeURIComponent(userId)}`;
    return this.#requests.ask({ method: "GET", path }, userSchema);
  }

  /** People whose name or matricule matches. */
  searchUsers(q: string, cursor?: string): Promise<UserPage> {
    return this.#requests.ask(
      { method: "GET", path: "/users", query: { q, cursor } },
      userPageSchema,
    );
  }
}

const meSchema = v.union([
  userSchema,
  v.pipe(
    v.object({ user: userSchema }),
    v.transform(({ user }) => user),
  ),
]);
