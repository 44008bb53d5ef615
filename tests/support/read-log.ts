import { RestClient } from "../../client/rest-client.ts";
import type { MessageEvent } from "../../protocol/event.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { ParleyWorkerd } from "./parley-workerd.ts";

/** The whole log of a conversation by REST, as this member reads it. */
export async function readLog(
  parley: ParleyWorkerd,
  conversationId: string,
  userId: string,
): Promise<MessageEvent[]> {
  const fetchOnce = (url: string, init: RequestInit) => fetch(url, init);
  const rest = new RestClient(fetchOnce, parley.url, { token: () => parley.token(userId) });
  const log: MessageEvent[] = [];
  for (;;) {
    const query = { afterSeq: log.at(-1)?.seq ?? 0, limit: LIMITS.historyMax };
    const page = await rest.history(conversationId, query);
    log.push(...page.messages);
    if (!page.hasMore) return log;
  }
}
