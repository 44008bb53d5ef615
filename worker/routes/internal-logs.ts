import { Hono } from "hono";
import * as v from "valibot";
import { DIRECTORIES, directoryName } from "../../core/outbox.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import type { ConversationPage } from "../../protocol/log-page.ts";
import { requireBridge } from "../auth/bridge-secret.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { cursorOf, placeOf } from "../../edge/answers/cursor.ts";
import { parse } from "../../edge/parse.ts";
import type { Env } from "../../edge/env.ts";
import type { App } from "../hono.ts";
import { callObject } from "../../edge/calls/object-call.ts";
import { RefusedError } from "../../edge/refused-error.ts";

/** Ids on one page: some tens of kilobytes. */
const PAGE_IDS = 500;
const CALL_TIMEOUT_MS = 5_000;

/** Where a page of ids goes on: the directory, and its last id that was told. */
const placeSchema = v.object({
  directory: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(DIRECTORIES - 1)),
  after: v.string(),
});
type Place = v.InferOutput<typeof placeSchema>;

const afterSchema = v.object({
  after: v.optional(v.pipe(v.string(), v.regex(/^(-1|[0-9]{1,15})$/), v.transform(Number)), "-1"),
});

/** The logs themselves, for the bridge's backfill and audit: which conversations there are, and each one's log. AUD-1. */
export const internalLogs = new Hono<App>()
  .get("/", async (c) => {
    await requireBridge(c);
    const cursor = c.req.query("cursor");
    const place = cursor === undefined ? START : placeOf(cursor, placeSchema);
    return c.json(await pageOfConversations(c.env, place));
  })
  .get("/:conversationId", async (c) => {
    await requireBridge(c);
    const { after } = parse(afterSchema, c.req.query());
    const id = parseConversationId(c.req.param("conversationId"));
    const page = id.ok
      ? await callConversation(c.env, id.value, (conversation) => conversation.audit(after))
      : null;
    if (page === null) throw new RefusedError(refusal("NOT_FOUND", "no such conversation"));
    const { conversation, head, entriesText, receiptsText } = page;
    const body = `{"conversation":${JSON.stringify(conversation)},"head":${head},"entries":${entriesText},"receipts":${receiptsText}}`;
    return c.body(body, 200, { "content-type": "application/json" });
  });

const START: Place = { directory: 0, after: "" };

/** One directory after the other; a page ends with its directory, so it may hold few, and none but the last has no next. */
async function pageOfConversations(
  env: Env,
  { directory, after }: Place,
): Promise<ConversationPage> {
  const name = directoryName(directory);
  const conversationIds = await callObject(name, CALL_TIMEOUT_MS, () =>
    env.OUTBOX.getByName(name).conversations(after, PAGE_IDS),
  );
  const last = conversationIds.at(-1);
  if (last !== undefined && conversationIds.length === PAGE_IDS)
    return { conversationIds, next: cursorOf({ directory, after: last } satisfies Place) };
  const following: Place = { directory: directory + 1, after: "" };
  return { conversationIds, next: directory + 1 < DIRECTORIES ? cursorOf(following) : null };
}
