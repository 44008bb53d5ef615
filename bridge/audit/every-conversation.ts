import type { Edge } from "../edge/edge.ts";
import type { Patience } from "../patience.ts";
import type { Progress } from "./progress.ts";

/** Which conversations a command is about: one by its id, or all, after what an earlier run has done. */
export type Chosen = { conversationId: string } | { cursor: string | null };

export interface CommandPorts {
  edge: Pick<Edge, "conversations" | "logPage">;
  patience: Patience;
  progress: Progress;
}

/** Conversations that are worked on at once: enough to keep two servers busy, few enough to bound memory. */
const AT_ONCE = 4;

/** Does `work` for every conversation that is chosen, until it is done or nobody waits any more. */
export async function everyConversation(
  { edge, patience, progress }: CommandPorts,
  chosen: Chosen,
  work: (conversationId: string) => Promise<void>,
): Promise<void> {
  if ("conversationId" in chosen) return work(chosen.conversationId);
  for (let cursor: string | null = chosen.cursor; !patience.isOver;) {
    progress.cursor = cursor;
    const from: string | null = cursor;
    const page = await patience.run("list", () => edge.conversations(from));
    const left = page.conversationIds.values();
    const worker = async () => {
      for (const conversationId of left) {
        if (patience.isOver) return;
        await work(conversationId);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (page.next === null) return;
    cursor = page.next;
  }
}
