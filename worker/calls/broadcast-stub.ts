import type { BroadcastRpc } from "../../edge/rpc/broadcast-rpc.ts";
import type { BroadcastId } from "../../protocol/ids.ts";
import type { Env } from "../../edge/env.ts";
import { callObject } from "../../edge/calls/object-call.ts";

const CALL_TIMEOUT_MS = 5_000;

/** Calls a broadcast list, again where that helps. Every call is idempotent. Throws an `UnavailableError`. */
export function callBroadcast<T>(
  env: Env,
  id: BroadcastId,
  call: (broadcast: BroadcastRpc) => Promise<T>,
): Promise<Awaited<T>> {
  return callObject(`broadcast ${id}`, CALL_TIMEOUT_MS, () => call(env.BROADCAST.getByName(id)));
}
