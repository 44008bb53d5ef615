/** The test's end of a socket: every text that came, and its frames to be taken in order. */
export class FrameSocket<Frame extends { type: string }> {
  readonly socket: WebSocket;
  /** Texts as they came. */
  readonly texts: string[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  readonly #frames: Frame[] = [];
  #arrived: () => void = () => {};

  constructor(socket: WebSocket, decode: (text: string) => readonly Frame[]) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.texts.push(String(data));
      this.#frames.push(...decode(String(data)));
      this.#arrived();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => resolve(code));
    });
    socket.accept();
  }

  /** The next frame, which must be of this type: nothing is skipped. */
  async next<Type extends Frame["type"]>(type: Type): Promise<Extract<Frame, { type: Type }>> {
    while (this.#frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    const frame = this.#frames.shift();
    if (frame?.type !== type) throw new Error(`wanted ${type}, got ${JSON.stringify(frame)}`);
    return frame as Extract<Frame, { type: Type }>; // the line above proves it
  }

  /** Frames that came and were not asked for. */
  get unread(): readonly Frame[] {
    return this.#frames;
  }
}

/** The socket of an upgrade that was accepted. */
export function upgraded({ webSocket, status }: Response): WebSocket {
  if (webSocket === null) throw new Error(`the upgrade was answered with ${status}`);
  return webSocket;
}
