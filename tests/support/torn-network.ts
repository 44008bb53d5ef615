import { expect } from "vitest";
import type { DialTransport, TransportEvents } from "../../client/transport.ts";

/** The server's end of one socket. */
export interface ServerEnd {
  receive(text: string): void;
  /** The next text on its way to the client. */
  next(): string | undefined;
  /** Frames on their way to the client. */
  readonly underWay: number;
  cut(): void;
}

interface Socket {
  events: TransportEvents;
  /** Undefined until the server has accepted it. */
  end: ServerEnd | undefined;
  toServer: string[];
}

/** A network in memory with at most one socket on it, which moves on, or breaks, when a test says so. */
export class TornNetwork {
  readonly #connect: () => ServerEnd;
  socket: Socket | undefined;
  dials = 0;

  constructor(connect: () => ServerEnd) {
    this.#connect = connect;
  }

  readonly dial: DialTransport = (_url, _subprotocols, events) => {
    expect(this.socket, "two sockets at once").toBeUndefined();
    const socket: Socket = { events, end: undefined, toServer: [] };
    this.socket = socket;
    this.dials++;
    return {
      send: (text) => void (socket.end !== undefined && socket.toServer.push(text)),
      close: () => {
        if (this.socket === socket) this.#drop();
      },
    };
  };

  accept(): void {
    if (this.socket === undefined || this.socket.end !== undefined) return;
    this.socket.end = this.#connect();
    this.socket.events.opened();
  }

  /** The server reads one text. */
  serve(): boolean {
    const text = this.socket?.toServer.shift();
    if (text === undefined) return false;
    this.socket?.end?.receive(text);
    return true;
  }

  /** The client reads one text. */
  receive(): boolean {
    const text = this.socket?.end?.next();
    if (text === undefined) return false;
    this.socket?.events.text(text);
    return true;
  }

  cut(code: number): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.#drop();
    socket.events.lost(code, "");
  }

  #drop(): void {
    this.socket?.end?.cut();
    this.socket = undefined;
  }
}
