import type { RawSocket } from "./raw-socket.ts";
import { DIRECT, type Wording } from "./wording.ts";

/** Sends one message after the other, each once all readers have the one before. */
export class Rounds {
  readonly #writer: RawSocket;
  /** Times from a send to its arrival at each reader, in ms. */
  readonly times: number[] = [];
  #key: Buffer = Buffer.alloc(0);
  #startedAt = 0;
  #waiting = 0;
  #finished: () => void = () => {};
  #rounds = 0;
  readonly #readers: number;
  readonly #content: string;
  readonly #wording: Wording;

  /** `arrived` is called with each reader and text of events that it gets. */
  constructor(
    writer: RawSocket,
    readers: readonly RawSocket[],
    content: string,
    arrived: (reader: RawSocket, payload: Buffer) => void = () => {},
    wording: Wording = DIRECT,
  ) {
    this.#wording = wording;
    this.#writer = writer;
    this.#readers = readers.length;
    this.#content = content;
    for (const reader of readers) {
      reader.onText = (payload) => this.#arrive(reader, payload, arrived);
    }
  }

  /** How many messages were sent. */
  get count(): number {
    return this.#rounds;
  }

  async run(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#finished = resolve;
    this.#waiting = this.#readers;
    this.#key = Buffer.from(this.#wording.mark(this.#rounds));
    this.#startedAt = performance.now();
    this.#writer.send(this.#wording.text(this.#rounds, this.#content));
    this.#rounds++;
    await promise;
  }

  /** Rounds whose times do not count. */
  async warmUp(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await this.run();
    this.times.length = 0;
  }

  #arrive(
    reader: RawSocket,
    payload: Buffer,
    arrived: (reader: RawSocket, payload: Buffer) => void,
  ): void {
    // receipts come between the messages
    if (payload.indexOf(this.#key) < 0) return;
    this.times.push(performance.now() - this.#startedAt);
    arrived(reader, payload);
    if (--this.#waiting === 0) this.#finished();
  }
}
