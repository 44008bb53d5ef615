import * as v from "valibot";
import type { EventBatch } from "../../core/chat/event-batch.ts";
import { isNativeFrame, type SharedFrame } from "../../core/chat/live-frame.ts";
import { fitTogether } from "../../core/fan-out.ts";
import { ReadingProof } from "../../core/reading-proof.ts";
import { FrameAllowance, type RateBounds } from "../../core/rate-limit.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { joinFrames, type FrameRefusal } from "../../protocol/frame-codec.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { multiplexText } from "../../protocol/multiplex-frames.ts";
import { notificationText, type StoredNotification } from "../../protocol/notification.ts";
import { errorFrameText } from "../error-frame.ts";
import { personSchema, type Person } from "./chat-data.ts";
import type { FollowedConversation, Subscriber } from "./subscriber.ts";

/** What survives sleep: who it is, what it follows and how far it has got. */
const attachmentSchema = v.object({
  v: v.literal(1),
  native: v.literal(true),
  sessionId: v.string(),
  person: personSchema,
  offset: v.string(),
});
type Attachment = v.InferOutput<typeof attachmentSchema>;

/** Nothing but a request for `next`: whoever sends that has read what came before. Rule LIM-9. */
const QUESTION = '{"type":"events","events":[],"more":true}';

/** A `hello` that is being answered; `ref` is the client's mark on it. */
interface Greeting {
  answered: Promise<void>;
  ref: string | undefined;
}

/** What the sockets of one Gateway share. */
export interface NativeSocketHost {
  readonly rate: RateBounds;
  offsetOf(socket: NativeSocket): string;
}

/** One socket that speaks the native protocol of many conversations. */
export class NativeSocket implements Subscriber {
  readonly socket: WebSocket;
  readonly allowance: FrameAllowance;
  /** Conversations whose `hello` is not answered yet. */
  readonly greetings = new Map<ConversationId, Greeting>();
  readonly reading = new ReadingProof();
  refusedFrames = 0;
  /** Where the newest question was put. */
  #askedIn: ConversationId | null = null;
  readonly #host: NativeSocketHost;
  #answers: string[] = [];
  #attachment: Attachment;

  constructor(socket: WebSocket, attachment: Attachment, host: NativeSocketHost) {
    this.socket = socket;
    this.#attachment = attachment;
    this.#host = host;
    this.allowance = new FrameAllowance(host.rate, Date.now());
  }

  static attachmentOf(socket: WebSocket): Attachment | null {
    const parsed = v.safeParse(attachmentSchema, socket.deserializeAttachment());
    return parsed.success ? parsed.output : null;
  }

  get person(): Person {
    return this.#attachment.person;
  }

  get userId(): UserId {
    return this.person.userId;
  }

  get sessionId(): string {
    return this.#attachment.sessionId;
  }

  events(batch: EventBatch, after: number, more = false): void {
    const text =
      after < batch.firstSeq && !more
        ? batch.rendered("native", () => eventsText(batch, 0, false))
        : eventsText(batch, after, more);
    this.sendText(text);
    if (more || this.reading.isDue) this.#ask(batch.conversationId, more);
  }

  /** A page asks by itself; else an empty one does. Answered by `next`. */
  #ask(conversationId: ConversationId, more: boolean): void {
    if (!more) this.sendText(multiplexText(conversationId, QUESTION));
    this.reading.ask();
    this.#askedIn = conversationId;
  }

  /** The client follows the conversation no longer, so it answers no question that was put there. */
  unfollowed(conversationId: ConversationId): void {
    if (this.#askedIn === conversationId) this.reading.withdraw();
    this.settled();
  }

  frame({ conversationId }: FollowedConversation, shared: SharedFrame): void {
    const { frame } = shared;
    if (!isNativeFrame(frame)) return;
    this.sendText(
      shared.rendered("native", () => multiplexText(conversationId, JSON.stringify(frame))),
    );
  }

  entry(conversationId: ConversationId, entry: string): void {
    this.sendText(multiplexText(conversationId, `{"type":"entry","entry":${entry}}`));
  }

  notify(notification: StoredNotification): void {
    this.sendText(notificationText(notification));
  }

  /** Pages come as the client asks for them; between them there is always room. */
  async room(): Promise<void> {
    await Promise.resolve();
  }

  settled(): void {
    this.keep({ offset: this.#host.offsetOf(this) });
  }

  /** The client decides what it follows; it is told that there is something new. Rule MUX-4. */
  takesNews(conversationId: ConversationId): boolean {
    this.sendText(multiplexText(conversationId, '{"type":"news"}'));
    return false;
  }

  dropped(conversationId: ConversationId): void {
    const { ref } = this.greetings.get(conversationId) ?? {};
    this.refuse(conversationId, refusal("NOT_FOUND", "no such conversation"), ref);
    this.unfollowed(conversationId);
  }

  /** `ref` is that of the `hello` which is refused. */
  refuse(conversationId: string | undefined, refused: FrameRefusal, ref?: string): void {
    const text = errorFrameText(refused);
    this.sendText(conversationId === undefined ? text : multiplexText(conversationId, text, ref));
  }

  keep(change: Partial<Attachment>): void {
    this.#attachment = { ...this.#attachment, ...change };
    this.socket.serializeAttachment(this.#attachment);
  }

  /** Answers of one turn share a text, as those of a conversation's own socket do. Rule FAN-1. */
  answer(text: string): void {
    if (this.#answers.length === 0) queueMicrotask(() => this.#sendAnswers());
    this.#answers.push(text);
  }

  #sendAnswers(): void {
    const answers = this.#answers;
    if (answers.length === 0) return;
    this.#answers = [];
    if (fitTogether(answers, LIMITS.serverFrameBytes)) this.#sendNow(joinFrames(answers));
    else for (const text of answers) this.#sendNow(text);
  }

  sendText(text: string): void {
    this.#sendAnswers();
    this.#sendNow(text);
  }

  /** A reader that does not prove that it reads is cut; it resumes by cursor (LIM-9). */
  #sendNow(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (this.reading.owed > LIMITS.bufferedBytes) {
      this.socket.close(CLOSE_CODES.slowConsumer, "slow consumer");
      return;
    }
    this.socket.send(text);
    this.reading.sent(text.length);
  }
}

function eventsText({ conversationId, events }: EventBatch, after: number, more: boolean): string {
  const wanted = events.filter(({ seq }) => seq > after);
  const frame = { type: "events", events: wanted, ...(more ? { more } : {}) };
  return multiplexText(conversationId, JSON.stringify(frame));
}
