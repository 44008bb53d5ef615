/** One socket. It reports through the events it was dialled with, until `lost`, which comes once and last. */
export interface Transport {
  /** Hands a text to the socket; ignored once the socket is closing. */
  send(text: string): void;
  /** Starts to close; `lost` may come at once, later, or never. */
  close(code: number, reason: string): void;
}

export interface TransportEvents {
  opened(): void;
  text(text: string): void;
  /** The socket is gone; `code` is its close code, 1006 when there was none. Also when it never opened. */
  lost(code: number, reason: string): void;
}

/**
 * Dials a socket. Events come after the call has returned; a connection that fails is `lost`.
 * Throws only for a URL or a subprotocol that cannot be dialled at all.
 */
export type DialTransport = (
  url: string,
  subprotocols: readonly string[],
  events: TransportEvents,
) => Transport;
