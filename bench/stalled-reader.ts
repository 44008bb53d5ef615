import { EventLog } from "./event-log.ts";
import type { RawSocket } from "./raw-socket.ts";

/** A reader that reads nothing until it is told to; what the network holds for it then is all it gets. */
export class StalledReader {
  readonly #socket: RawSocket;
  readonly #log = new EventLog();
  readonly #closed: Promise<number>;

  constructor(socket: RawSocket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.onClose = resolve;
    });
    socket.onText = (payload) => void this.#log.take(payload.toString());
    socket.stall();
  }

  /** The code it was closed with, and the last seq that it has read by then. */
  async readOn(): Promise<{ code: number; seq: number }> {
    this.#socket.readOn();
    const code = await this.#closed;
    return { code, seq: this.#log.seq ?? 0 };
  }
}
