import { parseSessionId, type SessionId } from "./session-id.ts";
import type { Refusal } from "./refusal.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** What an Engine.IO request wants, as far as its line and headers tell. */
export type EngineRequest =
  | { type: "handshake"; transport: "polling" | "websocket" }
  | { type: "poll" | "post" | "websocket"; sid: string; parts: SessionId };

/** The parts of an HTTP request that matter here. */
export interface RequestLine {
  method: string;
  query: { get(name: string): string | null };
  isUpgrade: boolean;
  origin: string | null;
}

const PROTOCOL_VERSION = "4";
/** Visible ASCII: whatever else a browser would send as an origin is not one. */
const ORIGIN = /^[\x20-\x7e]*$/;

/**
 * Checks in the order of the reference: transport, session, method, upgrade, version. An upgrade counts as the websocket
 * transport whatever `transport` says, since Dart's client opens its WebSocket with `transport=polling`.
 */
export function parseRequest(line: RequestLine): Result<EngineRequest, Refusal> {
  const transport = line.query.get("transport");
  if (transport !== "polling" && transport !== "websocket") return fail("transport");
  if (line.origin !== null && !ORIGIN.test(line.origin)) return fail("request");
  const sid = line.query.get("sid");
  if (sid !== null && sid !== "") return parseSessionRequest(line, transport, sid);
  if (line.method !== "GET") return fail("method");
  if (transport === "websocket" && !line.isUpgrade) return fail("request");
  // JSONP: a script tag of any page could read what its user's session gets
  if (line.query.get("j") !== null) return fail("request");
  if (line.query.get("EIO") !== PROTOCOL_VERSION) return fail("version");
  return ok({ type: "handshake", transport: line.isUpgrade ? "websocket" : "polling" });
}

function parseSessionRequest(
  line: RequestLine,
  transport: string,
  sid: string,
): Result<EngineRequest, Refusal> {
  const parts = parseSessionId(sid);
  if (parts === null) return fail("session");
  if (line.query.get("j") !== null) return fail("request");
  if (line.isUpgrade) {
    return line.method === "GET" ? ok({ type: "websocket", sid, parts }) : fail("request");
  }
  if (transport === "websocket") return fail("request");
  if (line.method === "GET") return ok({ type: "poll", sid, parts });
  return line.method === "POST" ? ok({ type: "post", sid, parts }) : fail("request");
}
