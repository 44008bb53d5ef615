import { DurableObject } from "cloudflare:workers";

/** The rulers of the benchmark: what the runtime does when it does nothing else, and the way most people would write it. */

interface Env {
  ECHO: DurableObjectNamespace<Echo>;
  RELAY: DurableObjectNamespace<Relay>;
  PLAIN: DurableObjectNamespace<Plain>;
}

/** Accepts hibernating sockets, as every object here does. */
abstract class SocketObject extends DurableObject<Env> {
  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
}

/** Raw ceiling of one socket: every frame comes straight back, nothing is stored. */
export class Echo extends SocketObject {
  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    socket.send(data);
  }
}

/** Raw ceiling of fan-out: every frame goes to every socket, nothing is stored. */
export class Relay extends SocketObject {
  override webSocketMessage(_socket: WebSocket, data: string | ArrayBuffer): void {
    for (const reader of this.ctx.getWebSockets()) reader.send(data);
  }
}

/** The plain way: each message is one insert, one commit, one ack and one frame per reader. */
export class Plain extends SocketObject {
  #head: number;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS message (
        seq INTEGER PRIMARY KEY, sender TEXT, client_key TEXT, body TEXT, at INTEGER, UNIQUE (sender, client_key))`,
    );
    this.#head = ctx.storage.sql
      .exec<{ head: number }>("SELECT coalesce(max(seq), 0) AS head FROM message")
      .one().head;
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    // the bench sends texts only
    const frame = JSON.parse(data as string) as { clientMessageId: string; message: unknown };
    const seq = ++this.#head;
    const at = Date.now();
    this.ctx.storage.sql.exec(
      "INSERT INTO message (seq, sender, client_key, body, at) VALUES (?, ?, ?, ?, ?)",
      seq,
      "bench",
      frame.clientMessageId,
      JSON.stringify(frame.message),
      at,
    );
    socket.send(JSON.stringify({ type: "ack", clientMessageId: frame.clientMessageId, seq, at }));
    const event = JSON.stringify({ ...frame, type: "event", seq, at });
    for (const reader of this.ctx.getWebSockets()) reader.send(event);
  }
}

let bytes = new Uint8Array();

/** Raw ceiling of an answer: so many bytes, made before. */
function bytesOf(count: number): Response {
  if (bytes.length !== count) bytes = new Uint8Array(count).fill("a".charCodeAt(0));
  return new Response(bytes);
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, kind, name = ""] = new URL(request.url).pathname.split("/");
    switch (kind) {
      case "echo":
        return env.ECHO.getByName(name).fetch(request);
      case "relay":
        return env.RELAY.getByName(name).fetch(request);
      case "plain":
        return env.PLAIN.getByName(name).fetch(request);
      case "bytes":
        return bytesOf(Number(name));
      default:
        return new Response("baselines");
    }
  },
} satisfies ExportedHandler<Env>;
