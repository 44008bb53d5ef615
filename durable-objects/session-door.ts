import { pageEnd, resumeFrom } from "../core/backfill.ts";
import { eventsFrameText, eventText } from "../core/event-text.ts";
import { reconnectSlotMs } from "../core/fan-out.ts";
import type { ClientFrame, HelloFrame } from "../protocol/client-frames.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { refusal } from "../protocol/error-codes.ts";
import { decodeClientText, joinFrames, type FrameRefusal } from "../protocol/frame-codec.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Fate, WelcomeFrame } from "../protocol/server-frames.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { Charter, ConversationState } from "./conversation-state.ts";
import { errorFrameText } from "./error-frame.ts";
import type { Sending } from "./sending.ts";
import type { Session } from "./session.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** What a member's socket says, and the answers that only it gets. All of a text is handled in one turn, in order. */
export class SessionDoor {
  readonly #state: ConversationState;
  readonly #sessions: SessionRegistry;
  readonly #sending: Sending;

  constructor(state: ConversationState, sessions: SessionRegistry, sending: Sending) {
    this.#state = state;
    this.#sessions = sessions;
    this.#sending = sending;
  }

  /** Resolves when everything of the text is committed or refused. */
  receive(session: Session, data: string | ArrayBuffer): Promise<void> | void {
    const text = decodeClientText(data);
    if (!text.ok) return this.#refuse(session, text.error);
    let pending: Promise<void> | undefined;
    for (const frame of text.value) {
      if (frame.ok) pending = this.#handle(session, frame.value) ?? pending;
      else this.#refuse(session, frame.error);
    }
    return pending;
  }

  #handle(session: Session, frame: ClientFrame): Promise<void> | undefined {
    switch (frame.type) {
      case "hello":
        this.#greet(session, frame);
        return undefined;
      case "next":
        if (session.state === "resuming") this.#sendPage(session, session.cursor);
        return undefined;
      case "send":
        if (session.state !== "greeting") return this.#sending.enqueue(session, frame);
        this.#refuse(session, {
          ...refusal("INVALID_DATA", "say hello first"),
          clientMessageId: frame.clientMessageId,
        });
        return undefined;
    }
  }

  #greet(session: Session, hello: HelloFrame): void {
    const { charter, head } = this.#state;
    if (charter === null) throw new Error("a session without a conversation");
    if (hello.version !== PROTOCOL_VERSION) {
      this.#refuse(session, refusal("INVALID_DATA", `version ${PROTOCOL_VERSION} is spoken here`));
      this.#sessions.close(session, CLOSE_CODES.protocol, "protocol version");
      return;
    }
    if (session.state !== "greeting") {
      this.#refuse(session, refusal("INVALID_DATA", "hello comes once"));
      return;
    }
    const welcome = JSON.stringify(this.#welcome(session, charter, hello.pending));
    this.#sendPage(session, resumeFrom(hello, { epoch: charter.epoch, head }), welcome);
  }

  #welcome(session: Session, charter: Charter, pending: readonly string[]): WelcomeFrame {
    return {
      type: "welcome",
      version: PROTOCOL_VERSION,
      conversationId: charter.conversationId,
      epoch: charter.epoch,
      sessionId: session.sessionId,
      userId: session.userId,
      head: this.#state.head,
      conversation: {
        type: charter.type,
        name: charter.name,
        createdAt: charter.createdAt,
        members: this.#state.members.first(LIMITS.namedMembers),
        memberCount: this.#state.members.count(),
      },
      fates: pending.flatMap((key): Fate[] => {
        const stored = this.#state.log.find(session.userId, key);
        return stored === undefined ? [] : [{ clientMessageId: key, ...stored }];
      }),
      reconnectSlotMs: reconnectSlotMs(this.#sessions.size, Math.random()),
    };
  }

  /**
   * One page after the cursor. The last page and `live` are one turn, so nothing commits in between: no gap and no
   * repeat at the cut-over (RES-3). Earlier pages wait for `next`, so a long resume holds one page in memory.
   */
  #sendPage(session: Session, cursor: number, welcome?: string): void {
    const events = this.#state.log.after(cursor, LIMITS.pageEvents + 1).map(eventText);
    const { count, more } = pageEnd(
      events.map((event) => event.length),
      { events: LIMITS.pageEvents, bytes: LIMITS.pageBytes },
    );
    const page = count === 0 ? [] : [eventsFrameText(events.slice(0, count), more)];
    session.move(more ? "resuming" : "live", cursor + count);
    const frames = welcome === undefined ? page : [welcome, ...page];
    if (frames.length > 0) this.#sessions.send(session, [joinFrames(frames)]);
  }

  #refuse(session: Session, refused: FrameRefusal): void {
    session.refusedFrames++;
    this.#sessions.send(session, [errorFrameText(refused)]);
    if (session.refusedFrames > LIMITS.refusedFrames) {
      this.#sessions.close(session, CLOSE_CODES.protocol, "too many refused frames");
    }
  }
}
