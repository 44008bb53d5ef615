import type { InboxRpc } from "../rpc/inbox-rpc.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { Env } from "../env.ts";
import { callObject } from "./object-call.ts";

/** An Inbox may have to ask hundreds of Conversations before it answers. */
export const INBOX_TIMEOUT_MS = 15_000;

/** Calls a user's Inbox, again where that helps. Every call is idempotent. Throws an `UnavailableError`. */
export function callInbox<T>(
  env: Env,
  userId: UserId,
  call: (inbox: InboxRpc) => Promise<T>,
): Promise<Awaited<T>> {
  return callObject("inbox", INBOX_TIMEOUT_MS, () => call(env.INBOX.getByName(userId)));
}
