import { Hono, type Context } from "hono";
import { chatSvcFields } from "../../core/chat/chat-svc.ts";
import { asMessage } from "../../core/system-message.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { parseFileId } from "../../protocol/file-id.ts";
import { directPair, parseConversationId, type ConversationId } from "../../protocol/ids.ts";
import type { Principal } from "../../edge/auth/principal.ts";
import { authenticate, requireSame } from "../auth/authenticate.ts";
import { storedName } from "../files/file-answers.ts";
import { askConversation } from "../files/file-calls.ts";
import { openFileDesk } from "../files/file-desk.ts";
import { sendFileMessage } from "../files/file-message.ts";
import { uploadForm } from "../files/form-upload.ts";
import { openDirect } from "../../edge/calls/founding.ts";
import type { App } from "../hono.ts";
import { idempotencyKey } from "../idempotency-key.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import { traceparentOf } from "../traceparent.ts";

/** A stored name is a file id and its type's ending (file-answers.ts). */
const STORED_NAME = /^(.+\.f[0-9]+)(?:\.[a-z0-9]+)?$/;

/** Files as chat-svc's clients know them (contract, section 5): bare answers in snake_case. */
export const chatSvcFiles = new Hono<App>()
  .post("/api/chat/upload/:conversationId", async (c) => {
    const me = await authenticate(c);
    const conversationId = accept(parseConversationId(c.req.param("conversationId")));
    await openWithPartner(c, me, conversationId);
    const desk = openFileDesk(c);
    const key = idempotencyKey(c);
    const uploaded = await uploadForm(c.req.raw, desk, me.userId, {
      fileField: "attachment",
      key,
      conversationId,
      check: (sent) => requireSame(me, sent.get("sender_id")),
    });
    const { view, file } = await sendFileMessage(c.env, me.userId, uploaded, {
      content: uploaded.fields.get("text_content") ?? "",
      metadata: {
        attachment_filename: uploaded.file.name,
        attachment_mimetype: uploaded.file.mimeType,
      },
      clientMessageId: uploaded.fields.get("client_message_id") ?? key,
      traceparent: traceparentOf(c),
    });
    const { event } = view;
    const answer = {
      ...chatSvcFields(conversationId, asMessage(event)),
      seq: event.seq,
      attachment_url: `/uploads/${storedName(file)}`,
      attachment_filename: file.name,
      attachment_mimetype: file.mimeType,
      timestamp: isoTime(event.at),
    };
    return c.json(answer, 201);
  })
  .get("/uploads/:filename", async (c) => {
    const me = await authenticate(c);
    const address = parseFileId(STORED_NAME.exec(c.req.param("filename"))?.[1]);
    if (!address.ok) throw new RefusedError(refusal("NOT_FOUND", "no such file"));
    const file = await askConversation(c.env, address.value, (stub) =>
      stub.file(me.userId, address.value.n),
    );
    return c.redirect(await openFileDesk(c).urls.read(me.userId, file), 302);
  });

/** The first thing two people say to each other may be a file. */
async function openWithPartner(c: Context<App>, me: Principal, id: ConversationId): Promise<void> {
  const pair = directPair(id);
  if (pair === null || !pair.includes(me.userId)) return;
  const other = pair.find((userId) => userId !== me.userId);
  if (other !== undefined) await openDirect(c.env, c.var.config, me, other);
}
