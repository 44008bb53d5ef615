import type { ServerFrame } from "../../protocol/server-frames.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../../protocol/version.ts";
import { FrameQueue, lastingFrames } from "./frame-queue.ts";
import type { ReachableEdge } from "./participant.ts";

/** A socket without an SDK, to say what no SDK would. */
export class RawSocket extends FrameQueue<ServerFrame> {
  readonly socket: WebSocket;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;

  constructor(url: string, protocols: string[]) {
    super();
    this.socket = new WebSocket(url, protocols);
    this.socket.addEventListener("message", ({ data }) => this.arrive(lastingFrames(String(data))));
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener("close", ({ code }) => resolve(code));
    });
  }

  /** A socket that has opened, on whatever token is given. */
  static async open(
    edge: ReachableEdge,
    conversationId: string,
    token: string,
  ): Promise<RawSocket> {
    const url = `${edge.url.replace("http", "ws")}/conversations/${conversationId}/socket`;
    const raw = new RawSocket(url, [SUBPROTOCOL, `bearer.${token}`]);
    await new Promise((resolve, reject) => {
      raw.socket.addEventListener("open", resolve);
      raw.socket.addEventListener("error", reject);
    });
    return raw;
  }

  /** The same, greeted. */
  static async live(
    edge: ReachableEdge,
    conversationId: string,
    userId: string,
  ): Promise<RawSocket> {
    const raw = await RawSocket.open(edge, conversationId, await edge.token(userId));
    raw.send({ type: "hello", version: PROTOCOL_VERSION });
    await raw.next("welcome");
    return raw;
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Stores a message and takes its ack and its event: so the connection lives, and the log has one entry more. */
  async store(clientMessageId: string): Promise<number> {
    this.send({ type: "send", clientMessageId, message: { content: clientMessageId } });
    const { seq } = await this.next("ack");
    await this.next("events");
    return seq;
  }
}
