import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { describe, expect, test, vi } from "vitest";
import { DIRECTORIES, directoryName, shardOf } from "../../core/outbox.ts";
import { conversationPageSchema, logPageSchema } from "../../protocol/log-page.ts";
import { asMember } from "../support/changes.ts";
import { api, type ApiAnswer } from "./support/api.ts";
import { foundGroup, sendMany, valueOf } from "./support/conversations.ts";

function ask(path: string, token = env.BRIDGE_SECRET): Promise<ApiAnswer> {
  return api("GET", `/internal/logs${path}`, { token });
}

async function pageOf(conversationId: string, after: number) {
  const { body } = await ask(`/${conversationId}?after=${after}`);
  return v.parse(logPageSchema, body);
}

/** All conversations, as a bridge reads them: to the end, page by page. */
async function everyConversation(): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let pages = 0;
  for (let next: string | null = ""; next !== null; pages++) {
    const { body } = await ask(next === "" ? "" : `?cursor=${next}`);
    const page = v.parse(conversationPageSchema, body);
    ids.push(...page.conversationIds);
    next = page.next;
  }
  return { ids, pages };
}

async function untilListed(conversationId: string): Promise<void> {
  await vi.waitFor(async () => {
    expect((await everyConversation()).ids).toContain(conversationId);
  });
}

describe("[AUD-2] the list of all conversations", () => {
  test("has a conversation that no bridge ever heard of, and has it once", async () => {
    const conversation = await foundGroup(["alice"], "unheard-");
    await untilListed(conversation.id);
    await sendMany(conversation, "alice", 3);
    const { ids, pages } = await everyConversation();
    expect(ids.filter((id) => id === conversation.id)).toHaveLength(1);
    expect(pages).toBeGreaterThanOrEqual(DIRECTORIES);
  });

  test("gets a conversation that it missed at the founding with the next commit", async () => {
    const conversation = await foundGroup(["alice"], "missed-");
    const { id: conversationId, stub } = conversation;
    await untilListed(conversationId);
    const directory = env.OUTBOX.getByName(directoryName(shardOf(conversationId, DIRECTORIES)));
    await runInDurableObject(directory, (_object, { storage }) => {
      storage.sql.exec("DELETE FROM conversation WHERE conversation_id = ?", conversationId);
    });
    await runInDurableObject(stub, (_object, { storage }) => {
      storage.sql.exec("DELETE FROM meta WHERE key = 'in_directory'");
    });
    expect((await everyConversation()).ids).not.toContain(conversationId);
    // the object forgets what it had in memory
    await evictDurableObject(stub);
    await sendMany(conversation, "alice", 1);
    await untilListed(conversationId);
  });
});

describe("[AUD-1] a log", () => {
  test("comes from the founding on, and after any seq, with what stands beside its events", async () => {
    const conversation = await foundGroup(["alice", "bob"], "told-");
    const conversationId = conversation.id;
    await sendMany(conversation, "alice", 2);
    const actor = asMember("alice");
    const deeds = [
      { type: "edit", target: 1, content: "edited" },
      { type: "react", target: 1, emoji: "👍", active: true },
      { type: "react", target: 2, emoji: "👍", active: true },
      { type: "react", target: 2, emoji: "👍", active: false },
    ] as const;
    for (const [n, deed] of deeds.entries()) {
      valueOf(await conversation.rpc.change(actor, `deed-${n}`, deed));
    }
    const { conversation: told, head, entries } = await pageOf(conversationId, -1);
    expect(told).toEqual({ conversationId, type: "group" });
    expect(head).toBe(6);
    expect(entries.map(({ event, ...beside }) => [event.seq, event.type, beside])).toEqual([
      [0, "founded", {}],
      [1, "message", { versions: 1, reactions: 1 }],
      [2, "message", { versions: 0, reactions: 0 }],
      [3, "edited", {}],
      [4, "reaction", { stands: true }],
      [5, "reaction", { stands: false }],
      [6, "reaction", { stands: false }],
    ]);
    expect((await pageOf(conversationId, 4)).entries.map(({ event }) => event.seq)).toEqual([5, 6]);
    expect((await pageOf(conversationId, 6)).entries).toEqual([]);
  });

  test("that does not exist is not found, and a cursor that is no seq is refused", async () => {
    expect((await ask("/nobody-here?after=-1")).status).toBe(404);
    const { id: conversationId } = await foundGroup(["alice"], "refused-");
    expect((await ask(`/${conversationId}?after=x`)).status).toBe(400);
    expect((await ask("?cursor=x")).status).toBe(400);
  });

  test("is for the bridge alone", async () => {
    const { id: conversationId } = await foundGroup(["alice"], "shut-");
    for (const path of ["", `/${conversationId}`])
      expect((await ask(path, "wrong")).status).toBe(401);
  });
});
