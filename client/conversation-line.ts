import * as v from "valibot";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { ERROR_CODES, type ErrorCode } from "../protocol/error-codes.ts";
import { joinFrames } from "../protocol/frame-codec.ts";
import { multiplexText, type AddressedFrame } from "../protocol/multiplex-frames.ts";
import { errorSchema, type ServerFrame } from "../protocol/server-frames.ts";
import type { TransportEvents } from "./transport.ts";

/** How a conversation's part of the socket ended, in the close code that a socket of its own would have had. */
export interface LineEnd {
  code: number;
  reason: string;
  /** The server has said no to what the line cannot go on without. */
  isRefusal: boolean;
  /** Not before that. */
  retryAfterMs?: number | undefined;
}

/**
 * One conversation on a shared socket, from its hello to its end: puts the address on what it says, and lets through what
 * it is told. What was under way for an earlier line of the same conversation is told by the mark on the hello.
 */
export class ConversationLine {
  readonly conversationId: string;
  readonly events: TransportEvents;
  readonly #ref: string;
  #state: "silent" | "greeting" | "live" = "silent";
  /** It has said `next`, without which no events come. */
  #isAsking = false;

  /** `ref` is a mark that no other line of the socket has. */
  constructor(conversationId: string, ref: string, events: TransportEvents) {
    this.conversationId = conversationId;
    this.#ref = ref;
    this.events = events;
  }

  /** Whether the server may follow the conversation for it. */
  get hasGreeted(): boolean {
    return this.#state !== "silent";
  }

  /** The frames of a text of the conversation's own, as the shared socket carries them. */
  address(text: string): string[] {
    const frames: unknown = JSON.parse(text); // the connection wrote it
    return [frames].flat().map((frame) => this.#addressed(frame));
  }

  #addressed(frame: unknown): string {
    const { type }: { type?: unknown } = Object(frame);
    const isHello = type === "hello";
    if (isHello) this.#state = "greeting";
    if (type === "next") this.#isAsking = true;
    return multiplexText(
      this.conversationId,
      JSON.stringify(frame),
      isHello ? this.#ref : undefined,
    );
  }

  /** Passes on frames that came in one text; answers how they ended the line, if they did. */
  take(frames: readonly AddressedFrame[]): LineEnd | undefined {
    const passing: string[] = [];
    let end: LineEnd | undefined;
    for (const frame of frames) {
      const isAnswer = frame.ref === this.#ref;
      if (isAnswer && frame.type === "welcome") this.#state = "live";
      if (frame.type === "events") this.#isAsking = false;
      // before the welcome, and with another mark, it was said to an earlier line
      if (!isAnswer && (this.#state !== "live" || frame.ref !== undefined)) continue;
      end = this.#endOf(frame, isAnswer);
      if (end === undefined || end.isRefusal) passing.push(JSON.stringify(frame));
      if (end?.retryAfterMs !== undefined) passing.push(byeText(end.retryAfterMs));
      if (end !== undefined) break;
    }
    if (passing.length > 0) this.events.text(joinFrames(passing));
    return end;
  }

  #endOf(frame: AddressedFrame, isRefusal: boolean): LineEnd | undefined {
    if (frame.type !== "error") return undefined;
    const error = v.safeParse(errorSchema, frame);
    if (!error.success) return undefined;
    const { code, message, retryable, retryAfterMs, clientMessageId } = error.output;
    const refused = { code: closeCodeOf(code, retryable), reason: message, retryAfterMs };
    if (isRefusal) return { ...refused, isRefusal };
    // of a change that is refused the connection hears itself
    if (clientMessageId !== undefined) return undefined;
    // it may be about a `typing`; then a resume costs little, and a page that never comes would cost the events
    if (this.#isAsking && retryable) return { ...refused, isRefusal: true };
    if (code !== "NOT_FOUND") return undefined;
    return { code: CLOSE_CODES.forbidden, reason: "not a member any more", isRefusal };
  }
}

function byeText(retryAfterMs: number): string {
  const bye: ServerFrame = { type: "bye", retryAfterMs };
  return JSON.stringify(bye);
}

/** That of the error table; of a code that this build does not know, the server's word on whether to come back. */
function closeCodeOf(code: string, retryable: boolean): number {
  if (Object.hasOwn(ERROR_CODES, code)) return ERROR_CODES[code as ErrorCode].close;
  return retryable ? CLOSE_CODES.internal : CLOSE_CODES.protocol;
}
