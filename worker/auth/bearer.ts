import { SUBPROTOCOL } from "../../protocol/version.ts";

const BEARER = /^Bearer +([^\s]+)$/i;
const BEARER_SUBPROTOCOL = "bearer.";

/** The token of a REST request. */
export function bearerOf(headers: Headers): string | null {
  return BEARER.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

/** The token of a socket upgrade; browsers cannot set headers, hence the other two places. Rule AUTH-2. */
export function socketTokenOf(request: Request): string | null {
  const offered = subprotocolsOf(request).find((name) => name.startsWith(BEARER_SUBPROTOCOL));
  return (
    bearerOf(request.headers) ??
    new URL(request.url).searchParams.get("token") ??
    offered?.slice(BEARER_SUBPROTOCOL.length) ??
    null
  );
}

export function offersSubprotocol(request: Request): boolean {
  return subprotocolsOf(request).includes(SUBPROTOCOL);
}

function subprotocolsOf(request: Request): string[] {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").map((name) => name.trim());
}
