import { DescribedMessages } from "./described-messages.ts";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";

type Payload = Record<string, unknown>;

const described = DescribedMessages.read();

/**
 * An unmodified Socket.IO client of one user: everything that it is sent is kept, to be taken by name and in order, and
 * held against docs/asyncapi.yaml.
 */
export class ChatClient {
  readonly socket: Socket;
  readonly received: { name: string; payload: Payload }[] = [];
  readonly #problems: string[] = [];
  readonly #waiting: { name: string; resolve(payload: Payload): void }[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((name: string, payload: Payload) => {
      this.#problems.push(...described.problems(channelOf(payload), name, payload));
      const index = this.#waiting.findIndex((waiting) => waiting.name === name);
      if (index < 0) this.received.push({ name, payload });
      else this.#waiting.splice(index, 1)[0]?.resolve(payload);
    });
  }

  /** Connects with the token in the CONNECT payload, and waits until it is taken. */
  static async open(
    url: string,
    token: string,
    options: Partial<ManagerOptions & SocketOptions> = {},
  ): Promise<ChatClient> {
    const client = ChatClient.dial(url, { auth: { token }, ...options });
    await client.next("authenticated");
    return client;
  }

  /** `dial` is that of the client's version. */
  static dial(
    url: string,
    options: Partial<ManagerOptions & SocketOptions> = {},
    dial = io,
  ): ChatClient {
    return new ChatClient(dial(url, { forceNew: true, reconnectionDelay: 20, ...options }));
  }

  /** The next event of this name: one that came already, or the first to come. */
  async next(name: string): Promise<Payload> {
    const index = this.received.findIndex((event) => event.name === name);
    const [event] = index < 0 ? [] : this.received.splice(index, 1);
    if (event !== undefined) return event.payload;
    return new Promise((resolve) => this.#waiting.push({ name, resolve }));
  }

  /** Emits with a callback and answers what it gets. */
  async call(name: string, payload?: unknown): Promise<Payload> {
    return new Promise((resolve) => {
      if (payload === undefined) this.socket.emit(name, resolve);
      else this.socket.emit(name, payload, resolve);
    });
  }

  /** As `call`; null when the connection ends before the answer. */
  async callOrCut(name: string, payload: unknown): Promise<Payload | null> {
    return new Promise((resolve) => {
      const cut = () => resolve(null);
      this.socket.once("disconnect", cut);
      this.socket.emit(name, payload, (answer: Payload) => {
        this.socket.off("disconnect", cut);
        resolve(answer);
      });
    });
  }

  emit(name: string, payload?: unknown): void {
    this.socket.emit(name, ...(payload === undefined ? [] : [payload]));
  }

  /** How many events of this name wait to be taken. */
  count(name: string): number {
    return this.received.filter((event) => event.name === name).length;
  }

  /** Throws when something came that is not as it is described. */
  close(): void {
    this.socket.disconnect();
    if (this.#problems.length > 0) throw new Error(this.#problems.join("\n"));
  }
}

/** chat-svc's words are snake_case; what both dialects share is described with the first. */
function channelOf(payload: Payload): "ngomna" | "chatSvc" {
  const isSvc = ["sender_id", "message_id", "error"].some((field) =>
    Object.hasOwn(Object(payload), field),
  );
  return isSvc ? "chatSvc" : "ngomna";
}
