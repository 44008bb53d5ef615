import { FrameQueue } from "../../support/frame-queue.ts";

/** The test's end of a socket: every text that came, and its frames to be taken in order. */
export class FrameSocket<Frame extends { type: string }> extends FrameQueue<Frame> {
  readonly socket: WebSocket;
  /** Texts as they came. */
  readonly texts: string[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;

  constructor(socket: WebSocket, decode: (text: string) => readonly Frame[]) {
    super();
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.texts.push(String(data));
      this.arrive(decode(String(data)));
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => resolve(code));
    });
    socket.accept();
  }
}

/** The socket of an upgrade that was accepted. */
export function upgraded({ webSocket, status }: Response): WebSocket {
  if (webSocket === null) throw new Error(`the upgrade was answered with ${status}`);
  return webSocket;
}
