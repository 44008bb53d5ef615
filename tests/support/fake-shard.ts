import { archiveBatch } from "./archive-events.ts";
import { FakeSocket } from "./fake-socket.ts";

/** A shard at the other end of a FakeSocket: owns, sends batches within its credit, and notes what it is told. */
export class FakeShard {
  socket = new FakeSocket();
  #read = 0;
  #epoch = 0;
  readonly #index: number;

  constructor(index: number) {
    this.#index = index;
  }

  dial(): FakeSocket {
    this.socket = new FakeSocket();
    this.#read = 0;
    return this.socket;
  }

  owns(): void {
    this.socket.text(JSON.stringify({ type: "owned", shard: this.#index, epoch: ++this.#epoch }));
  }

  sends(conversationId: string, from: number, to: number): void {
    const batch = archiveBatch(conversationId, from, to);
    this.socket.text(JSON.stringify({ type: "batch", ...batch, upTo: to }));
  }

  /** Frames that came since the last call. */
  heard(): unknown[] {
    const texts = this.socket.sent.slice(this.#read);
    this.#read = this.socket.sent.length;
    return texts.flatMap((text): unknown[] => [JSON.parse(text)].flat());
  }
}
