import type { Context } from "hono";
import { ERROR_CODES, refusal, type Refusal } from "../../protocol/error-codes.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import { errorFrameText } from "../../durable-objects/error-frame.ts";
import { fail, type Result } from "../../protocol/result.ts";
import { SUBPROTOCOL } from "../../protocol/version.ts";
import { offersSubprotocol, socketTokenOf } from "../auth/bearer.ts";
import { verifyToken } from "../../edge/auth/verify-token.ts";
import type { App } from "../hono.ts";
import { memberSocket } from "./member-socket.ts";
import { RefusedError } from "../../edge/refused-error.ts";

/**
 * Upgrades into the Conversation itself: no other code stands between the client and the object afterwards.
 * A refused upgrade is accepted, told why in one frame and closed, since browsers hide the status of a failed one.
 */
export async function openConversationSocket(
  c: Context<App>,
  conversationId: string,
): Promise<Response> {
  if (!isUpgrade(c.req.raw)) {
    throw new RefusedError(refusal("UPGRADE_REQUIRED", "this is a WebSocket"));
  }
  const upgraded = await upgrade(c, conversationId);
  const socket = upgraded.ok ? upgraded.value : refusedSocket(upgraded.error);
  const headers = new Headers();
  if (offersSubprotocol(c.req.raw)) headers.set("sec-websocket-protocol", SUBPROTOCOL);
  return new Response(null, { status: 101, webSocket: socket, headers });
}

export function isUpgrade(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

async function upgrade(
  c: Context<App>,
  conversationId: string,
): Promise<Result<WebSocket, Refusal>> {
  const token = socketTokenOf(c.req.raw);
  if (token === null) return fail(refusal("INVALID_TOKEN", "a token is needed"));
  const me = await verifyToken(c.env, c.var.config, token);
  if (!me.ok) return me;
  const id = parseConversationId(conversationId);
  if (!id.ok) return fail(refusal("NOT_FOUND", "no such conversation"));
  return memberSocket(c.env, id.value, me.value);
}

export function refusedSocket(refused: Refusal): WebSocket {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.send(errorFrameText(refused));
  server.close(ERROR_CODES[refused.code].close, refused.code);
  return client;
}
