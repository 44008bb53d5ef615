import * as v from "valibot";
import type { Frame } from "../../core/engine-io/packet.ts";
import type { EndReason } from "../../core/engine-io/session-state.ts";
import {
  answered,
  connectionSchema,
  joined,
  left,
  meaningOf,
  membershipOf,
  openConnection,
  type ConnectionState,
  type Meaning,
  type Membership,
} from "../../core/socket-io/connection.ts";
import { connectErrorFrames, connectFrames } from "../../core/socket-io/packet.ts";
import { PacketReader } from "../../core/socket-io/packet-reader.ts";
import { newPid, recoveryClaim } from "../../core/socket-io/recovery.ts";
import type { EngineSession } from "../engine-io/engine-session.ts";
import type { DisconnectReason, NamespaceHandlers } from "./handlers.ts";
import { IoSocket } from "./io-socket.ts";
import type { PartialStore } from "./partial-store.ts";

/** What the connections of one object share. */
export interface ConnectionHost {
  readonly namespaces: ReadonlyMap<string, NamespaceHandlers>;
  readonly maxPayloadBytes: number;
  /** Whether clients get a `pid`, and with it connection state recovery. */
  readonly recovery: boolean;
  readonly partials: PartialStore;
  /** 120 random bits, 20 characters of base64url. */
  newId(): string;
}

/** The Socket.IO connection of one Engine.IO session: its namespaces, and the packet it is receiving. */
export class IoConnection {
  readonly #host: ConnectionHost;
  readonly #session: EngineSession;
  readonly #sockets = new Map<string, IoSocket>();
  readonly #reader: PacketReader;
  #state: ConnectionState;

  private constructor(host: ConnectionHost, session: EngineSession, state: ConnectionState) {
    this.#host = host;
    this.#session = session;
    this.#state = state;
    this.#reader = new PacketReader(host.maxPayloadBytes);
    for (const [namespace] of state.namespaces) {
      this.#sockets.set(namespace, new IoSocket(this, namespace));
    }
  }

  static open(
    host: ConnectionHost,
    session: EngineSession,
    connectBy: number,
    handshake: unknown,
  ): IoConnection {
    const connection = new IoConnection(host, session, openConnection(connectBy, handshake));
    session.data = connection.#state;
    return connection;
  }

  /** The connection of a session that slept; null when another version of this code kept it. */
  static wake(host: ConnectionHost, session: EngineSession): IoConnection | null {
    const parsed = v.safeParse(connectionSchema, session.data);
    if (!parsed.success) return null;
    const connection = new IoConnection(host, session, parsed.output);
    if (parsed.output.partial) {
      for (const frame of host.partials.load(session.sid)) connection.#reader.read(frame);
    }
    return connection;
  }

  get owed(): number {
    return this.#session.owed;
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  /** Whether no namespace was connected in time. */
  isLate(now: number): boolean {
    return this.#state.connectBy !== null && now >= this.#state.connectBy;
  }

  sockets(): IteratorObject<IoSocket> {
    return this.#sockets.values();
  }

  membership(namespace: string): Membership | null {
    return membershipOf(this.#state, namespace);
  }

  keep(namespace: string, membership: Membership): void {
    this.#move(joined(this.#state, namespace, membership));
  }

  sendFrames(frames: readonly Frame[]): void {
    this.#session.sendFrames(frames);
  }

  close(reason: EndReason = "server closed"): void {
    this.#session.close(reason);
  }

  receive(frame: Frame): void | Promise<void> {
    const reading = this.#reader.read(frame);
    this.#keepPartial(frame);
    if (reading.type === "partial") return;
    if (reading.type === "invalid") return this.close("parse error");
    return this.#act(meaningOf(this.#state, reading.packet));
  }

  leave(namespace: string, reason: DisconnectReason): void {
    const socket = this.#sockets.get(namespace);
    if (socket === undefined) return;
    // told while the socket still knows what its handlers kept
    this.#handlersOf(namespace).disconnected(socket, reason);
    this.#sockets.delete(namespace);
    this.#move(left(this.#state, namespace));
  }

  ended(reason: EndReason): void {
    if (this.#state.partial) this.#host.partials.clear(this.#session.sid);
    for (const namespace of this.#sockets.keys()) this.leave(namespace, reason);
  }

  #act(meaning: Meaning): void | Promise<void> {
    switch (meaning.type) {
      case "connect":
        return this.#connect(meaning.namespace, meaning.auth);
      case "disconnect":
        return this.leave(meaning.namespace, "client disconnected");
      case "event": {
        const { namespace, name, args, ackId } = meaning;
        const socket = this.#socketOf(namespace);
        const reply = ackId === null ? null : replyOnce(socket, ackId);
        return this.#handlersOf(namespace).event(socket, { name, args, reply });
      }
      case "ack": {
        const { namespace, ackId, args } = meaning;
        const membership = this.membership(namespace);
        if (membership !== null) this.keep(namespace, answered(membership, ackId));
        return this.#handlersOf(namespace).answered(this.#socketOf(namespace), ackId, args);
      }
      case "nothing":
        return;
      case "violation":
        return this.close("parse error");
    }
  }

  #connect(namespace: string, auth: Record<string, unknown>): void | Promise<void> {
    const handlers = this.#host.namespaces.get(namespace);
    if (handlers === undefined) {
      return this.sendFrames(connectErrorFrames(namespace, { message: "Invalid namespace" }));
    }
    const recovery = this.#host.recovery ? recoveryClaim(auth) : null;
    const request = { auth, recovery, handshake: this.#state.handshake };
    const admission = handlers.admit(request);
    if (!admission.admitted) {
      const { message, data } = admission;
      const error = data === undefined ? { message } : { message, data };
      return this.sendFrames(connectErrorFrames(namespace, error));
    }
    const { id, pid } = this.#identity(admission.recovered ? request.recovery : null);
    const membership = { id, pid, asked: [], nextAsk: 0, data: admission.data };
    this.#move(joined(this.#state, namespace, membership));
    const socket = new IoSocket(this, namespace);
    this.#sockets.set(namespace, socket);
    this.sendFrames(connectFrames(namespace, pid === null ? { sid: id } : { sid: id, pid }));
    return handlers.connected(socket, request);
  }

  /** A recovered socket keeps its id and its `pid`: that is how the client knows. */
  #identity(recovered: { id: string; pid: string } | null): { id: string; pid: string | null } {
    if (recovered !== null) return { id: recovered.id, pid: recovered.pid };
    const id = this.#host.newId();
    return { id, pid: this.#host.recovery ? newPid(id, this.#host.newId()) : null };
  }

  /** After each frame: rows hold exactly the frames of the packet that is not complete. */
  #keepPartial(frame: Frame): void {
    const count = this.#reader.partial.length;
    if (count > 0) this.#host.partials.append(this.#session.sid, count, frame);
    else if (this.#state.partial) this.#host.partials.clear(this.#session.sid);
    const partial = count > 0;
    if (partial !== this.#state.partial) this.#move({ ...this.#state, partial });
  }

  #move(state: ConnectionState): void {
    this.#state = state;
    this.#session.data = state;
  }

  #socketOf(namespace: string): IoSocket {
    const socket = this.#sockets.get(namespace);
    if (socket === undefined) throw new Error("a connected namespace has a socket");
    return socket;
  }

  #handlersOf(namespace: string): NamespaceHandlers {
    const handlers = this.#host.namespaces.get(namespace);
    if (handlers === undefined) throw new Error("a connected namespace has handlers");
    return handlers;
  }
}

function replyOnce(socket: IoSocket, ackId: number): (...args: unknown[]) => void {
  let open = true;
  return (...args) => {
    if (open) socket.reply(ackId, args);
    open = false;
  };
}
