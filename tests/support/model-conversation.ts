import { resumeFrom } from "../../core/backfill.ts";
import type { MessageEvent } from "../../protocol/event.ts";
import { decodeClientText } from "../../protocol/frame-codec.ts";
import type { HelloFrame, SendFrame } from "../../protocol/client-frames.ts";
import type { ServerFrame } from "../../protocol/server-frames.ts";
import { welcomeFrame } from "./welcome-frame.ts";

/** One socket of the model: what it still has to be told, and how far its resume is. */
export interface ModelSession {
  userId: string;
  outbox: string[];
  /** Seq up to which it was given events; undefined before `hello`. */
  given: number | undefined;
  live: boolean;
}

/** Few, so that short random runs page. */
const PAGE_EVENTS = 3;

/** A conversation's server in its simplest form: the log is an array. What the real one must be equal to. */
export class ModelConversation {
  readonly log: MessageEvent[] = [];
  epoch = "epoch-1";
  /** How many of the next sends are asked to come again later. */
  limited = 0;
  /** How many of the next live events never arrive, as if the server had a bug. */
  skipped = 0;
  readonly #sessions = new Set<ModelSession>();

  connect(userId: string): ModelSession {
    const session: ModelSession = { userId, outbox: [], given: undefined, live: false };
    this.#sessions.add(session);
    return session;
  }

  cut(session: ModelSession): void {
    this.#sessions.delete(session);
  }

  receive(session: ModelSession, text: string): void {
    const decoded = decodeClientText(text);
    if (!decoded.ok) throw new Error(`the client broke the protocol: ${decoded.error.message}`);
    for (const frame of decoded.value) {
      if (!frame.ok) throw new Error(`the client broke the protocol: ${frame.error.message}`);
      if (frame.value.type === "hello") this.#welcome(session, frame.value);
      else if (frame.value.type === "next") this.#page(session);
      else if (frame.value.type === "send") this.#store(session, frame.value);
    }
  }

  /** A message of somebody else. */
  append(senderId: string, clientMessageId: string, content: string): MessageEvent {
    const seq = this.log.length + 1;
    const message = { type: "TEXT" as const, content };
    const event: MessageEvent = {
      seq,
      at: seq * 10,
      type: "message",
      senderId,
      clientMessageId,
      message,
    };
    this.log.push(event);
    const skipped = this.skipped > 0;
    if (skipped) this.skipped--;
    for (const session of this.#sessions) {
      if (session.live && !skipped) tell(session, { type: "events", events: [event] });
    }
    return event;
  }

  /** The storage is lost and the conversation starts over. */
  replaceLog(): void {
    this.log.length = 0;
    this.epoch = `${this.epoch}+`;
    this.#sessions.clear();
  }

  #welcome(session: ModelSession, hello: HelloFrame): void {
    session.given = resumeFrom(hello, { epoch: this.epoch, head: this.log.length, floor: 0 });
    const pending = new Set(hello.pending);
    const fates = this.log.filter(
      (event) => event.senderId === session.userId && pending.has(event.clientMessageId),
    );
    tell(
      session,
      welcomeFrame({
        epoch: this.epoch,
        head: this.log.length,
        from: session.given,
        fates: fates.map(({ clientMessageId, seq, at }) => ({ clientMessageId, seq, at })),
      }),
    );
    this.#page(session);
  }

  #page(session: ModelSession): void {
    const from = session.given ?? 0;
    const events = this.log.slice(from, from + PAGE_EVENTS);
    session.given = from + events.length;
    const more = session.given < this.log.length;
    session.live = !more;
    if (events.length > 0) tell(session, { type: "events", events, more });
  }

  #store(session: ModelSession, { clientMessageId, message }: SendFrame): void {
    if (this.limited > 0) {
      this.limited--;
      const later = {
        type: "error",
        code: "RATE_LIMITED",
        message: "later",
        retryable: true,
      } as const;
      return tell(session, { ...later, clientMessageId });
    }
    const known = this.log.find(
      (event) => event.senderId === session.userId && event.clientMessageId === clientMessageId,
    );
    const { seq, at } = known ?? this.append(session.userId, clientMessageId, message.content);
    tell(session, { type: "ack", clientMessageId, seq, at });
  }
}

function tell(session: ModelSession, frame: ServerFrame): void {
  session.outbox.push(JSON.stringify(frame));
}
