import { Hono } from "hono";
import { cors } from "hono/cors";
import { type EngineDoor, serveEngine } from "../../../worker/engine-io/door.ts";
import { GatewayNames } from "../../../worker/engine-io/gateway-names.ts";
import { SessionMac } from "../../../worker/engine-io/session-mac.ts";
import type { EchoEngine } from "./echo-engine.ts";
import type { EchoGateway } from "./echo-gateway.ts";
import type { EchoEnv } from "./rules.ts";

export { EchoEngine } from "./echo-engine.ts";
export { EchoGateway } from "./echo-gateway.ts";

interface WorkerEnv extends EchoEnv {
  ECHO_ENGINE: DurableObjectNamespace<EchoEngine>;
  ECHO_GATEWAY: DurableObjectNamespace<EchoGateway>;
  SESSION_SECRET: string;
}

const names = new GatewayNames();

/** The framing layer with nothing but echoes on it, for tests of the protocols; every origin may use it. */
const app = new Hono<{ Bindings: WorkerEnv }>()
  .use(cors({ origin: (origin) => origin, credentials: true }))
  .all("/engine.io/", async (c) =>
    uncompressed(await serveEngine(c.req.raw, doorTo(c.env.ECHO_ENGINE, c.env))),
  )
  .all("/socket.io/", (c) => serveEngine(c.req.raw, doorTo(c.env.ECHO_GATEWAY, c.env)))
  .get("/health", (c) => c.json({ status: "healthy" }));

/**
 * A client that inflates frames on another thread may read one after what came later on another connection, and a test of
 * Engine.IO's suite takes it that it does not. The one of Socket.IO wants compression instead: it looks for one frame at
 * a time, and its client hands over those of one read together unless it inflates them.
 */
function uncompressed(answer: Response): Response {
  const { webSocket } = answer;
  if (webSocket === null) return answer;
  // a name of no extension: the runtime agrees to none, and leaves the header out
  const headers = { "sec-websocket-extensions": "none" };
  return new Response(null, { status: 101, webSocket, headers });
}

function doorTo(
  gateways: DurableObjectNamespace<EchoEngine> | DurableObjectNamespace<EchoGateway>,
  env: WorkerEnv,
): EngineDoor {
  return {
    mac: new SessionMac(env.SESSION_SECRET),
    names,
    gateway: (name) => gateways.getByName(name),
  };
}

export default { fetch: app.fetch };
