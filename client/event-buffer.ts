import type { ReaderEvent } from "../protocol/event.ts";
import { SlowConsumerError, type ParleyError } from "./errors.ts";

/** Events one iteration may fall behind: twenty full pages of a resume, some megabytes. */
const CAPACITY = 10_000;

type Turn = IteratorResult<ReaderEvent, undefined>;

/** Events between a session that pushes and one `for await` that pulls. Bounded: a reader that fills it is cut off. */
export class EventBuffer implements AsyncIterableIterator<ReaderEvent, undefined> {
  #events: ReaderEvent[] = [];
  #read = 0;
  #end: { error: ParleyError | undefined } | undefined;
  #waiting: { resolve(turn: Turn): void; reject(error: ParleyError): void }[] = [];
  readonly #onReturn: (buffer: EventBuffer) => void;

  /** `onReturn` hears when the reader leaves its loop. */
  constructor(onReturn: (buffer: EventBuffer) => void) {
    this.#onReturn = onReturn;
  }

  push(events: readonly ReaderEvent[]): void {
    if (this.#end !== undefined) return;
    this.#events.push(...events);
    this.#settle();
    if (this.#events.length - this.#read > CAPACITY) this.end(new SlowConsumerError());
  }

  /** No more events come. What is buffered is still read, then the loop ends, or throws `error`. */
  end(error?: ParleyError): void {
    this.#end ??= { error };
    this.#settle();
  }

  next(): Promise<Turn> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#settle();
    });
  }

  async return(): Promise<Turn> {
    this.#events = [];
    this.#read = 0;
    this.end();
    this.#onReturn(this);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #settle(): void {
    while (this.#waiting.length > 0) {
      const event = this.#take();
      if (event === undefined && this.#end === undefined) return;
      const waiting = this.#waiting.shift();
      if (event !== undefined) waiting?.resolve({ done: false, value: event });
      else if (this.#end?.error !== undefined) waiting?.reject(this.#takeError(this.#end.error));
      else waiting?.resolve({ done: true, value: undefined });
    }
  }

  #take(): ReaderEvent | undefined {
    const event = this.#events[this.#read];
    if (event === undefined) return undefined;
    this.#read++;
    if (this.#read === this.#events.length) {
      this.#events = [];
      this.#read = 0;
    }
    return event;
  }

  /** An iterator throws once; after that it is just over. */
  #takeError(error: ParleyError): ParleyError {
    this.#end = { error: undefined };
    return error;
  }
}
