import { parseRequest } from "../../core/engine-io/request.ts";
import { refusalResponse, refusedUpgrade } from "../../durable-objects/engine-io/answers.ts";
import { FULL_HEADER, NEW_SESSION_HEADER } from "../../durable-objects/engine-io/engine-server.ts";
import { readBody } from "../../durable-objects/engine-io/request-body.ts";
import type { GatewayNames } from "./gateway-names.ts";
import type { SessionMac } from "./session-mac.ts";

/** What a mount of Engine.IO needs of its worker. */
export interface EngineDoor {
  mac: SessionMac;
  names: Pick<GatewayNames, "candidates" | "refused">;
  gateway(name: string): { fetch(request: Request): Promise<Response> };
}

/** Read before a refusal, since an answer before the end of a request can cost the connection. */
const DRAINED_BYTES = 65_536;
const RETRY_AFTER_S = 1;

/** Serves one Engine.IO request. Wrong ones and forged session ids are refused here, without any object. */
export async function serveEngine(request: Request, door: EngineDoor): Promise<Response> {
  const isUpgrade = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  const parsed = parseRequest({
    method: request.method,
    query: new URL(request.url).searchParams,
    isUpgrade,
    origin: request.headers.get("origin"),
  });
  if (parsed.ok && parsed.value.type === "handshake") return openSession(request, door);
  const refusal = parsed.ok ? "session" : parsed.error;
  if (parsed.ok && parsed.value.type !== "handshake") {
    const { parts } = parsed.value;
    if (await door.mac.isGenuine(parts)) return door.gateway(parts.gateway).fetch(request);
  }
  await readBody(request, DRAINED_BYTES);
  return isUpgrade ? refusedUpgrade(refusal) : refusalResponse(refusal);
}

/** The first Gateway of the client's place that has room. */
async function openSession(request: Request, door: EngineDoor): Promise<Response> {
  for (const name of door.names.candidates(placeOf(request))) {
    const headers = new Headers(request.headers);
    headers.set(NEW_SESSION_HEADER, await door.mac.mint(name));
    const answer = await door.gateway(name).fetch(new Request(request, { headers }));
    if (answer.headers.get(FULL_HEADER) === null) return answer;
    door.names.refused(name);
  }
  return new Response(null, { status: 503, headers: { "retry-after": String(RETRY_AFTER_S) } });
}

/** The data centre the client reached; absent on a developer's machine. */
export function placeOf(request: Request): string {
  const colo = request.cf?.["colo"];
  return typeof colo === "string" ? colo : "";
}
