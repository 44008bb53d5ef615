import type { RecoveryClaim } from "../../core/socket-io/recovery.ts";
import type { EndReason } from "../../core/engine-io/session-state.ts";
import type { IoSocket } from "./io-socket.ts";

/** What a namespace means. Handlers may be asynchronous; events of one socket start in the order they came. */
export interface NamespaceHandlers {
  /** Decides on a CONNECT at once; whatever takes longer, such as checking a token, comes after it. */
  admit(request: ConnectRequest): Admission;
  /** The socket is connected: the first moment at which it can be sent to. */
  connected(socket: IoSocket, request: ConnectRequest): void | Promise<void>;
  event(socket: IoSocket, event: ClientEvent): void | Promise<void>;
  /** The client answered what `socket.ask` asked. */
  answered(socket: IoSocket, ackId: number, args: unknown[]): void | Promise<void>;
  disconnected(socket: IoSocket, reason: DisconnectReason): void;
}

export interface ConnectRequest {
  auth: Record<string, unknown>;
  /** What the client wants to go on from; null for a first connection. Its offset has to be checked. */
  recovery: RecoveryClaim | null;
  /** What `SocketIoHost.handshake` made of the handshake. */
  handshake: unknown;
}

export type Admission =
  | { admitted: true; recovered: boolean; data: unknown }
  | { admitted: false; message: string; data?: unknown };

export interface ClientEvent {
  name: string | number;
  args: unknown[];
  /** Answers the client's callback, once; null when it gave none. */
  reply: ((...args: unknown[]) => void) | null;
}

export type DisconnectReason = EndReason | "client disconnected" | "server disconnected";
