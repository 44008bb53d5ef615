import { encodePayload, type Frame } from "../../core/engine-io/packet.ts";
import { REFUSALS, type Refusal } from "../../core/engine-io/refusal.ts";
import type { PollAnswer } from "../../core/engine-io/session-state.ts";

const NO_STORE = { "cache-control": "no-store" };

export function pollResponse(answer: PollAnswer): Response {
  if ("frames" in answer) return payloadResponse(answer.frames);
  if (answer.refusal === "overlap") return new Response(null, { status: 400, headers: NO_STORE });
  return refusalResponse(answer.refusal);
}

export function payloadResponse(frames: readonly Frame[]): Response {
  const headers = { ...NO_STORE, "content-type": "text/plain; charset=UTF-8" };
  return new Response(encodePayload(frames), { headers });
}

/** Two letters, since Dart's web client goes on only when the answer to its POST is not empty. */
export function postResponse(): Response {
  return new Response("ok", { headers: { ...NO_STORE, "content-type": "text/html" } });
}

export function refusalResponse(refusal: Refusal): Response {
  const status = refusal === "forbidden" ? 403 : 400;
  return Response.json(REFUSALS[refusal], { status, headers: NO_STORE });
}

/** A refused upgrade says its reason in plain words: it is never read as JSON. */
export function refusedUpgrade(refusal: Refusal): Response {
  const headers = { ...NO_STORE, "content-type": "text/html" };
  return new Response(REFUSALS[refusal].message, { status: 400, headers });
}

export function tooLargeResponse(): Response {
  return new Response(null, { status: 413, headers: NO_STORE });
}
