import { io, type ManagerOptions, type SocketOptions } from "socket.io-client";
import { io as olderIo } from "socket.io-client-3";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { ChatClient } from "./chat-client.ts";
import { ParleyWorkerd } from "./parley-workerd.ts";

type Options = Partial<ManagerOptions & SocketOptions>;

/** A client that exists, and how it connects. */
interface ClientKind {
  note: string;
  dial: typeof io;
  options: Options;
}

export const CLIENT_KINDS: readonly [ClientKind, ...ClientKind[]] = [
  { note: "4.x, polling first", dial: io, options: {} },
  { note: "4.x, websocket only", dial: io, options: { transports: ["websocket"] } },
  { note: "4.x, polling only", dial: io, options: { transports: ["polling"] } },
  { note: "3.x", dial: olderIo, options: {} },
];

/** An edge for the tests around this call, and clients of one kind, which are closed after each test. */
export function chatPlace(
  kind: ClientKind = CLIENT_KINDS[0],
  text: Record<string, string> = {},
): ChatPlace {
  const place = new ChatPlace(kind);
  beforeAll(() => place.start(text));
  afterAll(() => place.stop());
  afterEach(() => place.closeClients());
  return place;
}

export class ChatPlace {
  readonly #kind: ClientKind;
  readonly #open: ChatClient[] = [];
  #parley: ParleyWorkerd | null = null;

  constructor(kind: ClientKind) {
    this.#kind = kind;
  }

  get parley(): ParleyWorkerd {
    if (this.#parley === null) throw new Error("it starts before the tests");
    return this.#parley;
  }

  async start(text: Record<string, string>): Promise<void> {
    this.#parley = await ParleyWorkerd.start({ bridge: false, text });
  }

  async stop(): Promise<void> {
    await this.#parley?.stop();
  }

  closeClients(): void {
    for (const client of this.#open.splice(0)) client.close();
  }

  /** Somebody who has signed in. */
  async connect(userId: string, options: Options = {}, kind = this.#kind): Promise<ChatClient> {
    const token = await this.parley.token(userId);
    const client = this.dial({ auth: { token }, ...options }, kind);
    await client.next("authenticated");
    return client;
  }

  /** Somebody who has not. */
  dial(options: Options = {}, { dial, options: own } = this.#kind): ChatClient {
    const client = ChatClient.dial(this.parley.url, { ...own, ...options }, dial);
    this.#open.push(client);
    return client;
  }

  /** Two members of a fresh group, connected. */
  async pair(): Promise<{
    ada: ChatClient;
    bo: ChatClient;
    ids: [string, string];
    conversationId: string;
  }> {
    const ids: [string, string] = [person(), person()];
    const conversationId = await this.parley.group(ids);
    const [ada, bo] = await Promise.all([this.connect(ids[0]), this.connect(ids[1])]);
    return { ada, bo, ids, conversationId };
  }

  /** Sends a message as somebody who is not connected. */
  async say(userId: string, conversationId: string, content: string): Promise<void> {
    const message = { conversationId, content };
    const { status } = await this.parley.rest(userId, "POST", "/messages", message);
    expect(status).toBe(201);
  }
}

/** Somebody nobody knows. */
export function person(): string {
  return `u${crypto.randomUUID()}`;
}

/** Sends a message and answers its id. */
export async function sent(
  client: ChatClient,
  conversationId: string,
  content: string,
): Promise<string> {
  const answer = await client.call("sendMessage", { conversationId, content });
  expect(answer).toMatchObject({ success: true });
  return String(answer["messageId"]);
}
