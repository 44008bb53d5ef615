import { ConversationSession } from "../../client/conversation-session.ts";
import { SharedSocket } from "../../client/shared-socket.ts";
import { systemTimers } from "../../client/timers.ts";
import { webSocketTransport } from "../../client/websocket-transport.ts";
import type { ReaderEvent } from "../../client/index.ts";
import { CuttableSockets } from "./cuttable-sockets.ts";
import { conversationId as parsedId } from "./ids.ts";

/** An edge as a participant needs it. */
export interface ReachableEdge {
  url: string;
  token(userId: string): Promise<string>;
}

/** One member of a conversation on the real SDK, who remembers every ack and every event. */
export class Participant {
  readonly userId: string;
  readonly session: ConversationSession;
  readonly acked = new Map<string, { seq: number; at: number }>();
  readonly seen: ReaderEvent[] = [];
  readonly #sockets = new CuttableSockets();
  readonly #waiting = new Set<{ count: number; resolve: () => void }>();

  constructor(
    edge: ReachableEdge,
    conversationId: string,
    userId: string,
    sockets: "direct" | "shared" = "direct",
  ) {
    const id = parsedId(conversationId);
    this.userId = userId;
    const base = edge.url.replace("http", "ws");
    const dial = webSocketTransport(this.#sockets.WebSocket);
    const token = () => edge.token(userId);
    const shared = new SharedSocket(`${base}/socket`, { dial, token, makeTimers: systemTimers });
    this.session = new ConversationSession(`${base}/conversations/${id}/socket`, id, 0, {
      ...(sockets === "shared" ? shared.conversation(id) : { dial, token, timers: systemTimers() }),
      random: () => Math.random(),
      randomId: () => crypto.randomUUID(),
    });
    this.session.on("events", (events) => this.#see(events));
    this.session.open();
  }

  /** Resolves when the message is acked, through however many cuts and crashes. */
  async send(content: string, clientMessageId: string): Promise<void> {
    this.acked.set(clientMessageId, await this.session.send({ content }, { clientMessageId }));
  }

  /** Ends the socket under the SDK, which is not told beforehand. */
  cut(): void {
    this.#sockets.cut();
  }

  /** Resolves when `count` events were shown. */
  hasSeen(count: number): Promise<void> {
    if (this.seen.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ count, resolve }));
  }

  close(): void {
    this.session.close();
  }

  #see(events: readonly ReaderEvent[]): void {
    this.seen.push(...events);
    for (const waiting of this.#waiting) {
      if (this.seen.length < waiting.count) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
