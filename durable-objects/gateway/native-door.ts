import { ackText } from "../../core/event-text.ts";
import { resumeFrom } from "../../core/backfill.ts";
import type { OtherChange } from "../../core/changes/change.ts";
import { reconnectSlotMs } from "../../core/fan-out.ts";
import type { ClientFrame, HelloFrame } from "../../protocol/client-frames.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { multiplexText } from "../../protocol/multiplex-frames.ts";
import type { Result } from "../../protocol/result.ts";
import type { WelcomeFrame } from "../../protocol/server-frames.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import type { Appended, Followed, Send } from "../../edge/rpc/conversation-rpc.ts";
import type { ChatParts } from "./chat-parts.ts";
import type { MissedPage } from "./missed-events.ts";
import type { NativeSocket } from "./native-socket.ts";

type Change = Extract<ClientFrame, { type: "send" | "batch" | "edit" | "delete" | "react" }>;

/** What a native socket says in one conversation, and the answers that only it gets. A refusal is thrown. Rule MUX-1. */
export class NativeDoor {
  readonly #parts: ChatParts;
  readonly #socketsHere: () => number;

  constructor(parts: ChatParts, socketsHere: () => number) {
    this.#parts = parts;
    this.#socketsHere = socketsHere;
  }

  /** `ref` is the client's mark on this hello, which the answer repeats. Rule MUX-6. */
  async greet(
    native: NativeSocket,
    id: ConversationId,
    hello: HelloFrame,
    ref: string | undefined,
  ): Promise<void> {
    const { hub } = this.#parts;
    if (hello.version !== PROTOCOL_VERSION) {
      throw new RefusedError(refusal("INVALID_DATA", `version ${PROTOCOL_VERSION} is spoken here`));
    }
    if (hub.isFollowing(native, id)) {
      throw new RefusedError(refusal("INVALID_DATA", "hello comes once"));
    }
    const followed = accept(
      await hub.follow(native, id, {
        from: ({ epoch, head }) => resumeFrom(hello, { epoch, head, floor: 0 }),
        isPaged: true,
      }),
    );
    try {
      await this.#answerHello(native, id, hello, followed, ref);
    } catch (error) {
      // whoever was not welcomed says hello again
      hub.unfollow(native, id);
      throw error;
    }
  }

  async #answerHello(
    native: NativeSocket,
    id: ConversationId,
    { receipt, pending }: HelloFrame,
    followed: Followed,
    ref: string | undefined,
  ): Promise<void> {
    const { missed, calls } = this.#parts;
    if (receipt !== undefined) {
      accept(await calls.call(id, (stub) => stub.receive(native.userId, receipt, "soon")));
    }
    const fates =
      pending.length === 0
        ? []
        : accept(await calls.call(id, (stub) => stub.fates(native.userId, pending)));
    const page = await missed.page(native, id);
    if (page === null) return;
    const welcome: WelcomeFrame = { ...this.#welcome(native, followed, page), fates };
    // names the conversation itself
    native.sendText(JSON.stringify({ ...welcome, ...(ref === undefined ? {} : { ref }) }));
    await missed.takePage(native, id, page);
    native.settled();
  }

  #welcome(
    native: NativeSocket,
    { view, online, receipts }: Followed,
    page: MissedPage,
  ): WelcomeFrame {
    const { conversationId, epoch, head, type, name, avatarFileId, createdAt } = view;
    const { settings, members, memberCount, myRole: role } = view;
    const { delivered, read, unread, mentions } = view.me;
    return {
      type: "welcome",
      version: PROTOCOL_VERSION,
      conversationId,
      epoch,
      sessionId: native.sessionId,
      userId: native.userId,
      head,
      // the page knows what the member may read
      from: page.cursor - page.events.length,
      conversation: { type, name, avatarFileId, createdAt, settings, members, memberCount },
      me: { role, delivered, read, unread, mentions },
      receipts,
      online,
      fates: [],
      reconnectSlotMs: reconnectSlotMs(this.#socketsHere(), Math.random()),
    };
  }

  async receive(
    native: NativeSocket,
    id: ConversationId,
    frame: Exclude<ClientFrame, HelloFrame>,
  ): Promise<void> {
    const { missed, calls } = this.#parts;
    const { userId } = native;
    switch (frame.type) {
      case "next":
        native.reading.answered();
        return missed.nextPage(native, id);
      case "receipt": {
        const { type: _type, ...receipt } = frame;
        accept(await calls.call(id, (stub) => stub.receive(userId, receipt, "soon")));
        return;
      }
      case "typing":
        accept(await calls.call(id, (stub) => stub.typing(userId, frame.active)));
        return;
      default:
        return this.#change(native, id, frame);
    }
  }

  async #change(native: NativeSocket, id: ConversationId, frame: Change): Promise<void> {
    const { calls } = this.#parts;
    const { userId } = native;
    if (frame.type === "send" || frame.type === "batch") {
      const sends = frame.type === "send" ? [frame] : frame.sends;
      return this.#send(native, id, sends, frame);
    }
    // it does not overtake messages that were sent before it: rule ORD-5
    this.#parts.sends.settle(id);
    const { clientMessageId } = frame;
    if (frame.type === "delete" && frame.scope === "me") {
      accept(await calls.call(id, (stub) => stub.hide(userId, frame.target)));
      const head = this.#parts.hub.subscription(native, id)?.cursor ?? 0;
      return native.answer(multiplexText(id, ackText(clientMessageId, head, Date.now())));
    }
    const wanted = changeOf(frame);
    const actor = { userId, authority: "member" as const, traceparent: frame.traceparent };
    const { seq, at } = accept(
      await calls.call(id, (stub) => stub.change(actor, clientMessageId, wanted)),
    );
    native.answer(multiplexText(id, ackText(clientMessageId, seq, at)));
  }

  async #send(
    native: NativeSocket,
    id: ConversationId,
    frames: readonly Send[],
    { ifLastSeq, traceparent }: Extract<Change, { type: "send" | "batch" }>,
  ): Promise<void> {
    const [first, ...others] = frames.map(({ clientMessageId, message }) => ({
      clientMessageId,
      message,
    }));
    if (first === undefined) throw new Error("the schema lets no empty batch through");
    const sends = [first, ...others] as const;
    const actor = { userId: native.userId, authority: "member" as const, traceparent };
    const placed = await this.#parts.sends.append(id, { actor, request: { sends, ifLastSeq } });
    for (const [index, { clientMessageId }] of sends.entries()) {
      this.#answerSend(native, id, clientMessageId, placed, index);
    }
  }

  /** Each message of a batch has an answer of its own. */
  #answerSend(
    native: NativeSocket,
    id: ConversationId,
    clientMessageId: string,
    placed: Result<Appended[], Refusal>,
    index: number,
  ): void {
    const place = placed.ok ? placed.value[index] : undefined;
    if (place !== undefined) {
      native.answer(multiplexText(id, ackText(clientMessageId, place.seq, place.at)));
    } else if (!placed.ok) {
      native.refuse(id, { ...placed.error, clientMessageId });
    }
  }
}

function changeOf(frame: Extract<Change, { target: number }>): OtherChange {
  if (frame.type === "delete") return { type: "delete", target: frame.target };
  const { clientMessageId: _key, traceparent: _ofActor, ...change } = frame;
  return change;
}
