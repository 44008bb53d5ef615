import { Hono } from "hono";
import * as v from "valibot";
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
import { messageAnswer } from "../conversation-answers.ts";
import { callConversation } from "../conversation-stub.ts";
import type { Env } from "../env.ts";
import { openDirect } from "../founding.ts";
import type { App } from "../hono.ts";
import { accept, RefusedError } from "../refused-error.ts";
import { sendMessage } from "../sending.ts";

const target = v.object({
  conversationId: v.optional(v.string()),
  receiverId: v.optional(v.string()),
  senderId: v.optional(v.string()),
  clientMessageId: v.optional(clientMessageIdSchema),
  ifLastSeq: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});
const sendBody = v.intersect([target, messageDraftSchema]);

const seq = v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, "is not a seq"), v.transform(Number));
const historyQuery = v.object({
  conversationId: v.string(),
  beforeSeq: v.optional(seq),
  afterSeq: v.optional(seq),
  aroundSeq: v.optional(seq),
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,8}$/, "is not a number from 1"), v.transform(Number)),
  ),
});

export const messages = new Hono<App>()
  .post("/", async (c) => {
    const me = await authenticate(c);
    const { conversationId, receiverId, senderId, clientMessageId, ifLastSeq, ...message } =
      await readBody(c, sendBody);
    requireSame(me, senderId);
    const key = clientMessageId ?? idempotencyKey(c.req.header("idempotency-key"));
    const id = await targetOf(c.env, me, conversationId, receiverId);
    const { view, repeated } = await sendMessage(c.env, id, me.userId, {
      sends: [{ clientMessageId: key ?? crypto.randomUUID(), message }],
      ...(ifLastSeq === undefined ? {} : { ifLastSeq }),
    });
    return enveloped(c, messageAnswer(id, view), { status: repeated ? 200 : 201 });
  })
  .get("/", async (c) => {
    const me = await authenticate(c);
    const { conversationId, ...bounds } = readQuery(c, historyQuery);
    const id = accept(parseConversationId(conversationId));
    const query: HistoryQuery = {
      limit: Math.min(bounds.limit ?? LIMITS.historyDefault, LIMITS.historyMax),
      ...(bounds.beforeSeq === undefined ? {} : { beforeSeq: bounds.beforeSeq }),
      ...(bounds.afterSeq === undefined ? {} : { afterSeq: bounds.afterSeq }),
      ...(bounds.aroundSeq === undefined ? {} : { aroundSeq: bounds.aroundSeq }),
    };
    const page = accept(
      await callConversation(c.env, id, (stub) => stub.history(me.userId, query)),
    );
    return enveloped(c, {
      messages: page.messages.map((view) => messageAnswer(id, view)),
      hasMore: page.hasMore,
      firstSeq: page.messages[0]?.event.seq ?? null,
      lastSeq: page.messages.at(-1)?.event.seq ?? bounds.afterSeq ?? page.head,
    });
  })
  .get("/:messageId", async (c) => {
    const me = await authenticate(c);
    const { conversationId, seq: at } = accept(parseMessageId(c.req.param("messageId")));
    const view = accept(
      await callConversation(c.env, conversationId, (stub) => stub.message(me.userId, at)),
    );
    return enveloped(c, messageAnswer(conversationId, view));
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
