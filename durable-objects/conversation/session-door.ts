import { resumeFrom } from "../../core/backfill.ts";
import { NO_SUCH_CONVERSATION } from "../../core/changes/write-rules.ts";
import type { MemberRecord } from "../../core/conversation.ts";
import { ackText } from "../../core/event-text.ts";
import { fitTogether, reconnectSlotMs } from "../../core/fan-out.ts";
import { FLOOD_PAUSE_MS, type RateBounds } from "../../core/rate-limit.ts";
import type { ClientFrame, HelloFrame } from "../../protocol/client-frames.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { decodeClientText, joinFrames, type FrameRefusal } from "../../protocol/frame-codec.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { WelcomeFrame } from "../../protocol/server-frames.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { ConversationViews } from "./conversation-views.ts";
import { errorFrameText, keyOf } from "../error-frame.ts";
import type { Presence } from "./presence.ts";
import type { ReceiptFlow } from "./receipt-flow.ts";
import { messageChange, otherChange, type Sending } from "./sending.ts";
import type { Session } from "../session.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface DoorParts {
  state: ConversationState;
  views: ConversationViews;
  sessions: SessionRegistry;
  sending: Sending;
  receipts: ReceiptFlow;
  presence: Presence;
  rate: RateBounds;
  /** Takes a message out of one member's sight and tells his other devices. */
  hide: (member: MemberRecord, seq: number) => FrameRefusal | null;
}

type ChangeFrame = Extract<ClientFrame, { type: "send" | "batch" | "edit" | "delete" | "react" }>;

/** What a member's socket says, and the answers that only it gets. All of a text is handled in one turn, in order. */
export class SessionDoor {
  readonly #parts: DoorParts;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** Resolves when everything of the text is committed or refused. */
  receive(session: Session, data: string | ArrayBuffer): Promise<void> | void {
    const now = Date.now();
    if (session.isExpired(now)) {
      return this.#parts.sessions.close(session, CLOSE_CODES.tokenExpired, "the token has expired");
    }
    const text = decodeClientText(data);
    if (!text.ok) return this.#refuse(session, text.error);
    let pending: Promise<void> | undefined;
    for (const frame of text.value) {
      // what comes behind the frame that closed it is nobody's
      if (this.#parts.sessions.of(session.socket) !== session) break;
      const waitMs = session.takeFrame(this.#parts.rate, now);
      if (waitMs > 0) this.#slowDown(session, frame.ok ? frame.value : undefined, waitMs);
      else if (frame.ok) pending = this.#handle(session, frame.value) ?? pending;
      else this.#refuse(session, frame.error);
    }
    this.#parts.sending.endOfText();
    return pending;
  }

  #handle(session: Session, frame: ClientFrame): Promise<void> | undefined {
    if (frame.type === "hello") return this.#greet(session, frame);
    if (session.state === "greeting") {
      this.#refuse(session, { ...refusal("INVALID_DATA", "say hello first"), ...keyOf(frame) });
      return undefined;
    }
    switch (frame.type) {
      case "next":
        session.reading.answered();
        if (session.state === "resuming") this.#sendPage(session, session.cursor);
        return undefined;
      case "receipt":
        this.#parts.receipts.move(session.userId, frame);
        return undefined;
      case "typing":
        this.#parts.presence.typing(session.userId, frame.active);
        return undefined;
      default:
        return this.#change(session, frame);
    }
  }

  #change(session: Session, frame: ChangeFrame): Promise<void> | undefined {
    const { sending } = this.#parts;
    switch (frame.type) {
      case "send":
        return sending.enqueue(
          session,
          [messageChange(frame.clientMessageId, frame.message)],
          frame,
        );
      case "batch": {
        const [first, ...others] = frame.sends.map(({ clientMessageId, message }) =>
          messageChange(clientMessageId, message),
        );
        if (first === undefined) throw new Error("the schema lets no empty batch through");
        return sending.enqueue(session, [first, ...others], frame);
      }
      case "delete":
        if (frame.scope === "me") return this.#hide(session, frame.clientMessageId, frame.target);
        return sending.enqueue(
          session,
          otherChange(frame.clientMessageId, { type: "delete", target: frame.target }),
          frame,
        );
      case "edit":
      case "react": {
        const { clientMessageId, traceparent, ...change } = frame;
        return sending.enqueue(session, otherChange(clientMessageId, change), { traceparent });
      }
    }
  }

  /** Private to the member, so it has no place in the log; the ack tells where that ends. */
  #hide(session: Session, clientMessageId: string, target: number): undefined {
    this.#parts.sending.settle(); // the message may be in front of it in the same text
    const member = this.#parts.state.members.find(session.userId);
    const refused = member === undefined ? NO_SUCH_CONVERSATION : this.#parts.hide(member, target);
    if (refused !== null) return this.#refuse(session, { ...refused, clientMessageId });
    const { head } = this.#parts.state;
    this.#parts.sessions.send(session, [ackText(clientMessageId, head, Date.now())]);
    return undefined;
  }

  #greet(session: Session, hello: HelloFrame): undefined {
    const { state, sessions, presence, receipts } = this.#parts;
    const member = state.members.find(session.userId);
    if (member === undefined) throw new Error("a session of somebody who is no member");
    if (hello.version !== PROTOCOL_VERSION) {
      this.#refuse(session, refusal("INVALID_DATA", `version ${PROTOCOL_VERSION} is spoken here`));
      return sessions.close(session, CLOSE_CODES.protocol, "protocol version") as undefined;
    }
    if (session.state !== "greeting") {
      return this.#refuse(session, refusal("INVALID_DATA", "hello comes once"));
    }
    if (hello.receipt !== undefined) receipts.move(session.userId, hello.receipt);
    const wasPresent = presence.isOnline(session.userId);
    const welcome = this.#welcome(session, member, hello);
    this.#sendPage(session, welcome.from, JSON.stringify(welcome));
    if (!wasPresent) presence.tell(session.userId, true);
    return undefined;
  }

  #welcome(session: Session, member: MemberRecord, hello: HelloFrame): WelcomeFrame {
    const { views, sessions, presence } = this.#parts;
    const view = views.summary(member);
    const { conversationId, epoch, head } = view;
    return {
      type: "welcome",
      version: PROTOCOL_VERSION,
      conversationId,
      epoch,
      sessionId: session.sessionId,
      userId: session.userId,
      head,
      from: resumeFrom(hello, { epoch, head, floor: member.historyFrom }),
      conversation: {
        type: view.type,
        name: view.name,
        avatarFileId: view.avatarFileId,
        createdAt: view.createdAt,
        settings: view.settings,
        members: view.members,
        memberCount: view.memberCount,
      },
      me: {
        role: member.role,
        delivered: view.me.delivered,
        read: view.me.read,
        unread: view.me.unread,
        mentions: view.me.mentions,
      },
      receipts: views.receipts(),
      online: presence.online(session.userId),
      fates: views.fates(session.userId, hello.pending),
      reconnectSlotMs: reconnectSlotMs(sessions.size, Math.random()),
    };
  }

  /**
   * One page after the cursor. The last page and `live` are one turn, so nothing commits in between: no gap and no
   * repeat at the cut-over (RES-3). Earlier pages wait for `next`, so a long resume holds one page in memory.
   */
  #sendPage(session: Session, cursor: number, welcome?: string): void {
    const { state, views, sessions } = this.#parts;
    const member = state.members.find(session.userId);
    if (member === undefined) throw new Error("a session of somebody who is no member");
    const page = views.events(member, cursor);
    session.move(page.more ? "resuming" : "live", page.cursor);
    const more = page.more ? ',"more":true' : "";
    const frames = welcome === undefined ? [] : [welcome];
    if (page.events !== "[]") frames.push(`{"type":"events","events":${page.events}${more}}`);
    if (frames.length > 0)
      sessions.send(
        session,
        fitTogether(frames, LIMITS.serverFrameBytes) ? [joinFrames(frames)] : frames,
      );
    // what asks for the next page asks for the proof as well
    if (page.more) session.reading.ask();
  }

  #refuse(session: Session, refused: FrameRefusal): undefined {
    const { sessions } = this.#parts;
    session.refusedFrames++;
    sessions.send(session, [errorFrameText(refused)]);
    if (session.refusedFrames > LIMITS.refusedFrames) {
      sessions.close(session, CLOSE_CODES.protocol, "too many refused frames");
    }
  }

  /** Too fast: the frame is refused, and who goes on all the same is sent away for a while. Rule LIM-14. */
  #slowDown(session: Session, frame: ClientFrame | undefined, retryAfterMs: number): void {
    const { sessions } = this.#parts;
    const refused = {
      ...refusal("RATE_LIMITED", "too many frames"),
      retryAfterMs,
      ...keyOf(frame),
    };
    sessions.send(session, [errorFrameText(refused)]);
    if (!session.isFlooded) return;
    sessions.send(session, [JSON.stringify({ type: "bye", retryAfterMs: FLOOD_PAUSE_MS })]);
    sessions.close(session, CLOSE_CODES.rateLimited, "flood");
  }
}
