import type { Socket } from "../../bridge/edge/shard-socket.ts";

/** The bridge's end of a connection, with the far end in the test's hands. */
export class FakeSocket extends EventTarget implements Socket {
  readonly sent: string[] = [];
  closedWith: number | undefined;

  send(data: unknown): void {
    this.sent.push(String(data));
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  text(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  closed(code: number): void {
    this.dispatchEvent(new CloseEvent("close", { code }));
  }
}
