const NO_STATUS = 1005;
/** Codes a close frame may not carry; the runtime throws on them. */
const RESERVED: ReadonlySet<number> = new Set([1004, 1006, 1015]);

/** Answers a peer's Close frame: the Hibernation API does not, and the peer would wait for its own timeout. */
export function answerClose(socket: WebSocket, code: number, reason: string): void {
  try {
    if (code === NO_STATUS) socket.close();
    else if (!RESERVED.has(code)) socket.close(code, reason);
  } catch {
    // the socket is closed already, which is what was wanted
  }
}
