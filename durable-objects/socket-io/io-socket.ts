import type { Frame } from "../../core/engine-io/packet.ts";
import { ackFrames, disconnectFrames, eventFrames } from "../../core/socket-io/packet.ts";
import type { Membership } from "../../core/socket-io/connection.ts";
import { asking } from "../../core/socket-io/connection.ts";
import type { IoConnection } from "./io-connection.ts";

/** One connected namespace of one client: what handlers speak to. */
export class IoSocket {
  readonly namespace: string;
  readonly #connection: IoConnection;

  constructor(connection: IoConnection, namespace: string) {
    this.#connection = connection;
    this.namespace = namespace;
  }

  /** Public, and not the session's id, which is a secret. */
  get id(): string {
    return this.#membership()?.id ?? "";
  }

  get isConnected(): boolean {
    return this.#membership() !== null && this.#connection.isOpen;
  }

  /** What the client was sent and has not proved to have read; characters and bytes. Over its bound it is cut. */
  get owed(): number {
    return this.#connection.owed;
  }

  /** What the handlers keep of this socket; survives sleep. JSON, a few kilobytes at most. */
  get data(): unknown {
    return this.#membership()?.data;
  }

  set data(data: unknown) {
    const membership = this.#membership();
    if (membership !== null) this.#connection.keep(this.namespace, { ...membership, data });
  }

  emit(name: string | number, ...args: unknown[]): void {
    this.sendFrames(eventFrames(this.namespace, name, args));
  }

  /** Frames from `eventFrames` for this namespace, made once for many sockets. */
  sendFrames(frames: readonly Frame[]): void {
    if (this.isConnected) this.#connection.sendFrames(frames);
  }

  /** Emits and asks for an answer, which comes to `answered` with the returned id, perhaps after a sleep; or never. */
  ask(name: string | number, ...args: unknown[]): number | null {
    const membership = this.#membership();
    if (membership === null) return null;
    const asked = asking(membership);
    this.#connection.keep(this.namespace, asked.membership);
    this.sendFrames(eventFrames(this.namespace, name, args, asked.ackId));
    return asked.ackId;
  }

  reply(ackId: number, args: readonly unknown[]): void {
    this.sendFrames(ackFrames(this.namespace, ackId, args));
  }

  /** Tells the client to stay away: it does not reconnect by itself after this. */
  disconnect(): void {
    if (!this.isConnected) return;
    this.sendFrames(disconnectFrames(this.namespace));
    this.#connection.leave(this.namespace, "server disconnected");
  }

  /** Ends the whole connection, with all its namespaces; the client reconnects. */
  cut(): void {
    this.#connection.close();
  }

  #membership(): Membership | null {
    return this.#connection.membership(this.namespace);
  }
}
