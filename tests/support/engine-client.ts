import * as v from "valibot";
import { WireSocket } from "./wire-socket.ts";

const handshakeSchema = v.strictObject({
  sid: v.string(),
  upgrades: v.array(v.string()),
  pingInterval: v.number(),
  pingTimeout: v.number(),
  maxPayload: v.number(),
});
export type Handshake = v.InferOutput<typeof handshakeSchema>;

export function parseHandshake(packet: unknown): Handshake {
  if (typeof packet !== "string" || !packet.startsWith("0")) throw new Error("no open packet");
  return v.parse(handshakeSchema, JSON.parse(packet.slice(1)));
}

/** One path of a server that speaks Engine.IO, request by request. */
export class EngineClient {
  readonly #base: string;

  /** `base` with its path, e.g. `http://127.0.0.1:1/engine.io/`. */
  constructor(base: string) {
    this.#base = base;
  }

  url(query: Record<string, string>): string {
    return `${this.#base}?${new URLSearchParams(query).toString()}`;
  }

  request(query: Record<string, string>, init?: RequestInit): Promise<Response> {
    return fetch(this.url(query), init);
  }

  /** Opens a polling session. */
  async handshake(): Promise<Handshake> {
    const answer = await this.request({ EIO: "4", transport: "polling" });
    return parseHandshake(await answer.text());
  }

  poll(sid: string, init?: RequestInit): Promise<Response> {
    return this.request({ EIO: "4", transport: "polling", sid }, init);
  }

  post(sid: string, body: string): Promise<Response> {
    return this.poll(sid, { method: "POST", body });
  }

  /** A WebSocket of its own, or one that wants to take over the session `sid`. */
  socketUrl(query: Record<string, string>): string {
    return this.url({ EIO: "4", transport: "websocket", ...query }).replace(/^http/, "ws");
  }

  async open(): Promise<{ wire: WireSocket; handshake: Handshake }> {
    const wire = await WireSocket.open(this.socketUrl({}));
    return { wire, handshake: parseHandshake(await wire.next()) };
  }

  /** Carries a polling session over to a WebSocket. */
  async upgrade(sid: string): Promise<WireSocket> {
    const wire = await WireSocket.open(this.socketUrl({ sid }));
    wire.send("2probe");
    const answer = await wire.next();
    if (answer !== "3probe") throw new Error("the probe was not answered");
    wire.send("5");
    return wire;
  }
}
