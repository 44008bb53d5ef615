import { fullJitterMs } from "../../core/backoff.ts";
import { PING_TEXT, PONG_TEXT } from "../../protocol/client-frames.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import type { Log } from "../log.ts";

/** The part of a WebSocket that is used here. */
export type Socket = Pick<WebSocket, "addEventListener" | "send" | "close">;

export interface ShardSocketListener {
  /** One text of the shard; answers to pings do not come through. */
  text(data: string): void;
  /** The connection is gone; a new one is already planned. */
  down(): void;
}

export interface ShardSocketOptions {
  shard: number;
  sink: string;
  dial: () => Socket;
  listener: ShardSocketListener;
  log: Log;
  random: () => number;
}

/** Between pings; a socket that was silent for a whole interval after one is cut. ms. */
export const PING_MS = 20_000;
/** Waits before dialling again: a deploy of the edge takes about a second, an outage should not be hammered. */
const REDIAL = { baseMs: 250, capMs: 15_000 };
/** Another bridge owns the shard. Dialling would take it back, and the two would fight; ms, doubled by chance. */
export const SUPERSEDED_MS = 30_000;

/** Keeps one connection to one shard: dials, pings, notices silence, dials again. */
export class ShardSocket {
  readonly #options: ShardSocketOptions;
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #heard = false;
  #stopped = false;

  constructor(options: ShardSocketOptions) {
    this.#options = options;
  }

  dial(): void {
    const socket = this.#options.dial();
    this.#socket = socket;
    this.#watchSilence(socket);
    socket.addEventListener("message", ({ data }) => this.#received(socket, data));
    socket.addEventListener("close", ({ code }) => this.#lost(socket, code));
    // A failed dial ends in `close` as well, which says all there is to do; unheard, `error` would be thrown.
    socket.addEventListener("error", () => {});
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Ends this connection and dials again. */
  cut(code: number, reason: string): void {
    const socket = this.#socket;
    if (socket === null) return;
    closeQuietly(socket, code, reason);
    // Its own close event may be long in coming when the far end is gone, and is ignored then.
    this.#lost(socket, code);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#socket !== null) closeQuietly(this.#socket, 1000, "bridge stops");
  }

  #received(socket: Socket, data: unknown): void {
    if (socket !== this.#socket) return;
    this.#heard = true;
    if (typeof data === "string" && data !== PONG_TEXT) this.#options.listener.text(data);
  }

  #lost(socket: Socket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#timer);
    this.#options.listener.down();
    if (this.#stopped) return;
    const waitMs = this.#waitMs(code);
    const { log, shard, sink } = this.#options;
    log.warn("shard.down", { sink, shard, code, waitMs });
    this.#timer = setTimeout(() => this.dial(), waitMs);
  }

  #waitMs(code: number): number {
    const random = this.#options.random();
    if (code === CLOSE_CODES.superseded) return Math.floor(SUPERSEDED_MS * (1 + random));
    return fullJitterMs(this.#attempt++, REDIAL, random);
  }

  /** Runs from the dial on, since a shard speaks first: so a dial that never ends is cut as well. */
  #watchSilence(socket: Socket): void {
    this.#heard = false;
    const tick = () => {
      if (!this.#heard) return this.cut(CLOSE_CODES.unavailable, "silent");
      // Only a connection that lasted starts over: one that is cut right after it came up keeps backing off.
      this.#attempt = 0;
      this.#heard = false;
      socket.send(PING_TEXT);
      this.#timer = setTimeout(tick, PING_MS);
    };
    this.#timer = setTimeout(tick, PING_MS);
  }
}

function closeQuietly(socket: Socket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    return;
  }
}
