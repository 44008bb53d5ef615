import { Hono, type Context } from "hono";
import type { FileRecord } from "../../core/files/file-record.ts";
import { parseThumbnailSize } from "../../core/files/thumbnail-size.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { parseFileId } from "../../protocol/file-id.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { enveloped } from "../answers/answer.ts";
import { authenticate } from "../auth/authenticate.ts";
import { messageAnswer } from "../../durable-objects/conversation/conversation-answers.ts";
import { carryPart } from "../files/direct-upload.ts";
import { fileAnswer } from "../files/file-answers.ts";
import { askConversation } from "../files/file-calls.ts";
import { openFileDesk, partUploaderOf, readerOf, type FileDesk } from "../files/file-desk.ts";
import { sendFileMessage } from "../files/file-message.ts";
import { uploadForm } from "../files/form-upload.ts";
import { serveFile, serveThumbnail } from "../files/served-file.ts";
import { thumbnailOf } from "../files/thumbnails.ts";
import type { App } from "../hono.ts";
import { idempotencyKey } from "../idempotency-key.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import { traceparentOf } from "../traceparent.ts";

/** Bytes in and out. These bodies are large and stream, so the app's bound of bodies does not stand in front of them. */
export const fileBytes = new Hono<App>()
  .post("/upload", async (c) => {
    const me = await authenticate(c);
    const desk = openFileDesk(c);
    const named = c.req.query("conversationId");
    const key = idempotencyKey(c);
    const uploaded = await uploadForm(c.req.raw, desk, me.userId, {
      fileField: "file",
      key,
      ...(named === undefined ? {} : { conversationId: accept(parseConversationId(named)) }),
    });
    const answerOf = (file: FileRecord) => fileAnswer(file, me.userId, desk.urls);
    const { fields } = uploaded;
    const status = uploaded.repeated ? 200 : 201;
    if (fields.get("asMessage") !== "true") {
      return enveloped(c, await answerOf(uploaded.file), { status });
    }
    const { view, file } = await sendFileMessage(c.env, me.userId, uploaded, {
      content: uploaded.file.details.caption ?? "",
      clientMessageId: fields.get("clientMessageId") ?? key,
      traceparent: traceparentOf(c),
    });
    const message = messageAnswer(file.conversationId, view);
    return enveloped(c, { ...(await answerOf(file)), message }, { status });
  })
  .put("/:fileId/parts/:part", async (c) => {
    const desk = openFileDesk(c);
    const address = accept(parseFileId(c.req.param("fileId")));
    const part = Number(c.req.param("part"));
    const length = Number(c.req.header("content-length") ?? Number.NaN);
    // the signature covers number and length: what was planned is what comes
    const userId = await partUploaderOf(c, desk, address, { part, length });
    const { body } = c.req.raw;
    if (body === null) throw new RefusedError(refusal("MISSING_DATA", "the part is missing"));
    const { etag } = await carryPart(desk, userId, address, { part, body });
    return c.body(null, 200, { etag: `"${etag}"` });
  })
  .get("/:fileId/download", async (c) => {
    const { desk, file } = await readableFile(c, c.req.param("fileId"));
    return serveFile(c.req.raw, desk.store, file, "attachment");
  })
  .get("/:fileId/thumbnail/:size", async (c) => {
    const { desk, file } = await readableFile(c, c.req.param("fileId"));
    const pixels = parseThumbnailSize(c.req.param("size"));
    if (pixels === null) {
      const message = `a thumbnail is small, medium, large or 1 to ${LIMITS.thumbnailPixels}`;
      throw new RefusedError(refusal("INVALID_DATA", message));
    }
    const thumbnail = accept(await thumbnailOf(desk, file, pixels));
    return serveThumbnail(c.req.raw, file, { pixels, bytes: thumbnail.bytes });
  })
  .get("/:fileId", async (c) => {
    const { desk, file } = await readableFile(c, c.req.param("fileId"));
    return serveFile(c.req.raw, desk.store, file, "inline");
  });

/** The file of a path, if whoever asks may read it: by token, or by the signature of its URL. */
async function readableFile(
  c: Context<App>,
  fileId: string,
): Promise<{ desk: FileDesk; file: FileRecord }> {
  const desk = openFileDesk(c);
  const address = accept(parseFileId(fileId));
  const readerId = await readerOf(c, desk, address);
  const file = await askConversation(c.env, address, (stub) => stub.file(readerId, address.n));
  return { desk, file };
}
