import { PING_TEXT, PONG_TEXT } from "../../protocol/client-frames.ts";
import { decodeMultiplexText } from "../../protocol/multiplex-frames.ts";
import type { ModelConversation, ModelSession } from "./model-conversation.ts";
import type { ServerEnd } from "./torn-network.ts";

/** A conversation's own socket. */
export function conversationEnd(server: ModelConversation, userId: string): ServerEnd {
  const session = server.connect(userId);
  return {
    receive: (text) => {
      if (text === PING_TEXT) session.outbox.push(PONG_TEXT);
      else server.receive(session, text);
    },
    next: () => session.outbox.shift(),
    get underWay() {
      return session.outbox.length;
    },
    cut: () => server.cut(session),
  };
}

interface Followed {
  server: ModelConversation;
  session: ModelSession;
  /** The mark that its welcome repeats. */
  ref: string | undefined;
}

/** The server of the socket for many conversations in its simplest form. What it does not know is refused. */
export class ModelGateway implements ServerEnd {
  readonly #servers: ReadonlyMap<string, ModelConversation>;
  readonly #userId: string;
  readonly #followed = new Map<string, Followed>();
  readonly #outbox: string[] = [];

  constructor(servers: ReadonlyMap<string, ModelConversation>, userId: string) {
    this.#servers = servers;
    this.#userId = userId;
  }

  receive(text: string): void {
    if (text === PING_TEXT) return void this.#outbox.push(PONG_TEXT);
    const decoded = decodeMultiplexText(text);
    if (!decoded.ok) throw new Error(`the client broke the protocol: ${decoded.error.message}`);
    for (const frame of decoded.value) {
      if (!frame.ok) throw new Error(`the client broke the protocol: ${frame.error.message}`);
      const { conversationId, frame: said, ref } = frame.value;
      if (said.type === "bye") this.#unfollow(conversationId);
      else if (said.type === "hello") this.#greet(conversationId, JSON.stringify(said), ref);
      else {
        const followed = this.#followed.get(conversationId);
        if (followed === undefined) throw new Error("the client says hello first");
        followed.server.receive(followed.session, JSON.stringify(said));
      }
    }
  }

  next(): string | undefined {
    for (const id of this.#followed.keys()) this.#collect(id);
    return this.#outbox.shift();
  }

  get underWay(): number {
    for (const id of this.#followed.keys()) this.#collect(id);
    return this.#outbox.length;
  }

  cut(): void {
    for (const { server, session } of this.#followed.values()) server.cut(session);
  }

  #greet(id: string, hello: string, ref: string | undefined): void {
    if (this.#followed.has(id)) throw new Error("hello comes once");
    const server = this.#servers.get(id);
    if (server === undefined) {
      const refused = { type: "error", code: "NOT_FOUND", message: "", retryable: false };
      return void this.#outbox.push(JSON.stringify({ ...refused, conversationId: id, ref }));
    }
    const session = server.connect(this.#userId);
    this.#followed.set(id, { server, session, ref });
    server.receive(session, hello);
  }

  /** What it was told before is on its way all the same. */
  #unfollow(id: string): void {
    this.#collect(id);
    const followed = this.#followed.get(id);
    followed?.server.cut(followed.session);
    this.#followed.delete(id);
  }

  #collect(id: string): void {
    const followed = this.#followed.get(id);
    for (const text of followed?.session.outbox.splice(0) ?? []) {
      const frame: { type?: unknown } = Object(JSON.parse(text));
      const mark = frame.type === "welcome" ? { ref: followed?.ref } : {};
      this.#outbox.push(JSON.stringify({ ...frame, conversationId: id, ...mark }));
    }
  }
}
