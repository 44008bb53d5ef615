import { ConversationSession } from "../../client/conversation-session.ts";
import { systemTimers } from "../../client/timers.ts";
import { webSocketTransport } from "../../client/websocket-transport.ts";
import type { ReaderEvent } from "../../client/index.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import { CuttableSockets } from "./cuttable-sockets.ts";

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

  constructor(edge: ReachableEdge, conversationId: string, userId: string) {
    const id = parseConversationId(conversationId);
    if (!id.ok) throw new Error(id.error.message);
    this.userId = userId;
    const url = `${edge.url.replace("http", "ws")}/conversations/${id.value}/socket`;
    this.session = new ConversationSession(url, id.value, 0, {
      dial: webSocketTransport(this.#sockets.WebSocket),
      token: () => edge.token(userId),
      timers: systemTimers(),
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
