import { once } from "node:events";

export type WireFrame = string | Uint8Array<ArrayBuffer>;

/** A WebSocket that speaks no protocol by itself: tests write and read every frame by hand, in order. */
export class WireSocket {
  readonly #socket: WebSocket;
  readonly #received: WireFrame[] = [];
  readonly #waiting: { resolve(frame: WireFrame): void; reject(error: Error): void }[] = [];
  /** The close code, once it is closed. */
  readonly closed: Promise<number>;

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) => {
      const frame = typeof data === "string" ? data : new Uint8Array(data);
      const next = this.#waiting.shift();
      if (next === undefined) this.#received.push(frame);
      else next.resolve(frame);
    });
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener("close", ({ code }) => {
        for (const waiting of this.#waiting) waiting.reject(new Error(`closed with ${code}`));
        resolve(code);
      });
    });
    // a close follows, and says the same
    this.#socket.addEventListener("error", () => undefined);
  }

  /** Without waiting for anything: an upgrade that is refused closes. */
  static dial(url: string): WireSocket {
    return new WireSocket(url);
  }

  static async open(url: string): Promise<WireSocket> {
    const wire = new WireSocket(url);
    await once(wire.#socket, "open");
    return wire;
  }

  /** Which of the extensions on offer the server takes; this client offers compression. */
  get extensions(): string {
    return this.#socket.extensions;
  }

  send(...frames: WireFrame[]): void {
    for (const frame of frames) this.#socket.send(frame);
  }

  async next(): Promise<WireFrame> {
    const frame = this.#received.shift();
    if (frame !== undefined) return frame;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The next frame that is no heartbeat. */
  async nextPacket(): Promise<WireFrame> {
    for (;;) {
      const frame = await this.next();
      if (frame === "2") this.send("3");
      else if (frame !== "6") return frame;
    }
  }

  close(): void {
    this.#socket.close();
  }
}
