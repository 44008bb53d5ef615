import { Hono } from "hono";
import * as v from "valibot";
import { messageView } from "../../core/message-view.ts";
import type { HistoryQuery } from "../../durable-objects/rpc.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { toRefusal } from "../../protocol/frame-codec.ts";
import { parseConversationId, parseMessageId, type ConversationId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { clientMessageIdSchema, messageDraftSchema } from "../../protocol/message.ts";
import { enveloped } from "../answer.ts";
import { authenticate, requireSame } from "../auth/authenticate.ts";
import type { Principal } from "../auth/access-token.ts";
import { readBody, readQuery } from "../body.ts";
import { callConversation } from "../conversation-stub.ts";
import type { Env } from "../env.ts";
import { openDirect } from "../founding.ts";
import type { App } from "../hono.ts";
import { isoTime } from "../iso-time.ts";
import { accept, RefusedError } from "../refused-error.ts";
import { messageAt, sendMessage } from "../sending.ts";

const target = v.object({
  conversationId: v.optional(v.string()),
  receiverId: v.optional(v.string()),
  senderId: v.optional(v.string()),
  clientMessageId: v.optional(clientMessageIdSchema),
});
const sendBody = v.intersect([target, messageDraftSchema]);

const seq = v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, "is not a seq"), v.transform(Number));
const historyQuery = v.object({
  conversationId: v.string(),
  beforeSeq: v.optional(seq),
  afterSeq: v.optional(seq),
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,8}$/, "is not a number from 1"), v.transform(Number)),
  ),
});

export const messages = new Hono<App>()
  .post("/", async (c) => {
    const me = await authenticate(c);
    const { conversationId, receiverId, senderId, clientMessageId, ...message } = await readBody(
      c,
      sendBody,
    );
    requireSame(me, senderId);
    const key = clientMessageId ?? idempotencyKey(c.req.header("idempotency-key"));
    const id = await targetOf(c.env, me, conversationId, receiverId);
    const { event, repeated } = await sendMessage(c.env, id, me.userId, {
      clientMessageId: key ?? crypto.randomUUID(),
      message,
    });
    return enveloped(c, messageView(id, event, isoTime), { status: repeated ? 200 : 201 });
  })
  .get("/", async (c) => {
    const me = await authenticate(c);
    const { conversationId, ...bounds } = readQuery(c, historyQuery);
    const id = accept(parseConversationId(conversationId));
    const query: HistoryQuery = {
      limit: Math.min(bounds.limit ?? LIMITS.historyDefault, LIMITS.historyMax),
      ...(bounds.beforeSeq === undefined ? {} : { beforeSeq: bounds.beforeSeq }),
      ...(bounds.afterSeq === undefined ? {} : { afterSeq: bounds.afterSeq }),
    };
    const page = accept(
      await callConversation(c.env, id, (stub) => stub.history(me.userId, query)),
    );
    return enveloped(c, {
      messages: page.events.map((event) => messageView(id, event, isoTime)),
      hasMore: page.hasMore,
      firstSeq: page.events[0]?.seq ?? null,
      lastSeq: page.events.at(-1)?.seq ?? bounds.afterSeq ?? page.head,
    });
  })
  .get("/:messageId", async (c) => {
    const me = await authenticate(c);
    const { conversationId, seq: at } = accept(parseMessageId(c.req.param("messageId")));
    const event = await messageAt(c.env, conversationId, me.userId, at);
    if (event === null) throw new RefusedError(refusal("NOT_FOUND", "no such message"));
    return enveloped(c, messageView(conversationId, event, isoTime));
  });

function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const parsed = v.safeParse(clientMessageIdSchema, header);
  if (!parsed.success) throw new RefusedError(toRefusal(parsed.issues));
  return parsed.output;
}

/** Where a message goes; a first message to a person opens the conversation with them. */
async function targetOf(
  env: Env,
  me: Principal,
  conversationId: string | undefined,
  receiverId: string | undefined,
): Promise<ConversationId> {
  if (conversationId !== undefined) return accept(parseConversationId(conversationId));
  if (receiverId !== undefined) return (await openDirect(env, me, receiverId)).view.conversationId;
  throw new RefusedError(refusal("MISSING_DATA", "conversationId or receiverId is missing"));
}
