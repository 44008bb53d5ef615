import type { Context } from "hono";
import { refusal } from "../../protocol/error-codes.ts";
import { SUBPROTOCOL } from "../../protocol/version.ts";
import { FULL_HEADER } from "../../durable-objects/engine-io/engine-server.ts";
import { NATIVE_PREFIX } from "../../durable-objects/gateway/gateway.ts";
import {
  PRINCIPAL_HEADER,
  principalHeader,
} from "../../durable-objects/gateway/principal-header.ts";
import { offersSubprotocol, socketTokenOf } from "../auth/bearer.ts";
import { verifyToken } from "../../edge/auth/verify-token.ts";
import { ConfigError, gatewaySecretOf, type Config } from "../../edge/config.ts";
import { placeOf, serveEngine } from "../engine-io/door.ts";
import { GatewayNames } from "../engine-io/gateway-names.ts";
import { SessionMac } from "../engine-io/session-mac.ts";
import type { App } from "../hono.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { isUpgrade, refusedSocket } from "./socket-door.ts";

const names = new GatewayNames();
const macs = new WeakMap<Config, SessionMac>();

/** Socket.IO. A token may come with the handshake; one that is not good is left for `authenticate` to refuse. */
export async function serveSocketIo(c: Context<App>): Promise<Response> {
  const { config } = c.var;
  const gateways = gatewaysOf(c);
  const headers = new Headers(c.req.raw.headers);
  headers.delete(PRINCIPAL_HEADER);
  const token = socketTokenOf(c.req.raw);
  const isHandshake = c.req.query("sid") === undefined;
  const holder = token === null || !isHandshake ? null : await verifyToken(c.env, config, token);
  if (holder?.ok === true) headers.set(PRINCIPAL_HEADER, principalHeader(holder.value));
  return serveEngine(new Request(c.req.raw, { headers }), {
    mac: macOf(config),
    names,
    gateway: (name) => gateways.getByName(name),
  });
}

/** The native protocol for many conversations. Refused as the socket of one conversation is. Rule MUX-2. */
export async function openMultiplexSocket(c: Context<App>): Promise<Response> {
  if (!isUpgrade(c.req.raw)) {
    throw new RefusedError(refusal("UPGRADE_REQUIRED", "this is a WebSocket"));
  }
  const token = socketTokenOf(c.req.raw);
  const holder = token === null ? null : await verifyToken(c.env, c.var.config, token);
  const headers = new Headers();
  if (offersSubprotocol(c.req.raw)) headers.set("sec-websocket-protocol", SUBPROTOCOL);
  const upgraded = (socket: WebSocket) =>
    new Response(null, { status: 101, webSocket: socket, headers });
  if (holder === null)
    return upgraded(refusedSocket(refusal("INVALID_TOKEN", "a token is needed")));
  if (!holder.ok) return upgraded(refusedSocket(holder.error));
  const gateways = gatewaysOf(c);
  gatewaySecretOf(c.var.config); // the Gateway needs it
  const inner = { upgrade: "websocket", [PRINCIPAL_HEADER]: principalHeader(holder.value) };
  for (const name of names.candidates(placeOf(c.req.raw), NATIVE_PREFIX)) {
    const answer = await gateways
      .getByName(name)
      .fetch("https://gateway/socket", { headers: inner });
    if (answer.webSocket !== null) return upgraded(answer.webSocket);
    if (answer.headers.get(FULL_HEADER) === null) throw new Error("a Gateway did not upgrade");
    names.refused(name);
  }
  return upgraded(refusedSocket(refusal("UNAVAILABLE", "no Gateway has room")));
}

function gatewaysOf(c: Context<App>) {
  const { GATEWAY } = c.env;
  if (GATEWAY === undefined) throw new ConfigError("missing: GATEWAY");
  return GATEWAY;
}

function macOf(config: Config): SessionMac {
  const known = macs.get(config);
  if (known !== undefined) return known;
  const mac = new SessionMac(gatewaySecretOf(config));
  macs.set(config, mac);
  return mac;
}
