import { env } from "cloudflare:workers";
import type { UserId } from "../../../protocol/ids.ts";
import { user } from "./conversations.ts";

/** Somebody nobody else knows, who is in no conversation yet. */
export function freshUser(prefix = "u"): UserId {
  return user(`${prefix}${crypto.randomUUID()}`);
}

export function inboxOf(userId: string) {
  return env.INBOX.getByName(userId);
}
