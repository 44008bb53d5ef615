import type { DialTransport, Transport, TransportEvents } from "./transport.ts";

/** What this SDK uses of the standard WebSocket; browsers, Node, Deno and Bun have it as a global. */
export interface WebSocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { code: number; reason: string }) => void,
  ): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** A transport on the standard WebSocket. Its `error` event is not used: `close` always follows and says more. */
export function webSocketTransport(WebSocketClass: WebSocketConstructor): DialTransport {
  return (url, subprotocols, events) => {
    const socket = new WebSocketClass(url, [...subprotocols]);
    listen(socket, events);
    return wrap(socket);
  };
}

function listen(socket: WebSocketLike, events: TransportEvents): void {
  socket.addEventListener("open", () => events.opened());
  socket.addEventListener("message", ({ data }) => {
    // The protocol has text only; an empty text is not JSON, so it is refused as a broken one.
    events.text(typeof data === "string" ? data : "");
  });
  socket.addEventListener("close", ({ code, reason }) => events.lost(code, reason));
}

function wrap(socket: WebSocketLike): Transport {
  return {
    send(text) {
      // A browser throws while connecting and drops text while closing; only an open socket takes any.
      if (socket.readyState === OPEN) socket.send(text);
    },
    close(code, reason) {
      socket.close(code, reason);
    },
  };
}

const OPEN = 1;
