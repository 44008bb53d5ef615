import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as v from "valibot";
import type { FileRecord } from "../../core/files/file-record.ts";
import { cleanFileName } from "../../core/files/file-name.ts";
import { cleanType } from "../../core/files/media-type.ts";
import { parseThumbnailSize } from "../../core/files/thumbnail-size.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { enveloped, problem } from "../answer.ts";
import { authenticate } from "../auth/authenticate.ts";
import { readBody, readQuery } from "../body.ts";
import { carryPart, completeUpload, presignUpload, resumeUpload } from "../files/direct-upload.ts";
import { fileAnswer } from "../files/file-answers.ts";
import { askConversation, fileAddress } from "../files/file-calls.ts";
import { openFileDesk, partUploaderOf, readerOf, type FileDesk } from "../files/file-desk.ts";
import { givenDetails, presignBody } from "../files/file-fields.ts";
import { sendFileMessage } from "../files/file-message.ts";
import { uploadForm } from "../files/form-upload.ts";
import { sweepOrphans } from "../files/orphan-sweep.ts";
import { serveFile, serveThumbnail } from "../files/served-file.ts";
import { thumbnailOf } from "../files/thumbnails.ts";
import type { App } from "../hono.ts";
import { accept, RefusedError } from "../refused-error.ts";

const wholeNumber = (pattern: RegExp) =>
  v.pipe(v.string(), v.regex(pattern, "is not a number from 1"), v.transform(Number));

const listQuery = v.object({
  cursor: v.optional(wholeNumber(/^[1-9][0-9]{0,14}$/)),
  limit: v.optional(wholeNumber(/^[1-9][0-9]{0,8}$/)),
  kind: v.optional(v.picklist(["image", "video", "audio", "document"])),
});
const sweepQuery = v.object({
  cursor: v.optional(v.pipe(v.string(), v.maxLength(4_096))),
  dryRun: v.optional(v.picklist(["true", "false"]), "false"),
});

/** Small bodies only: the bytes of files have doors of their own above. */
const smallBody = bodyLimit({
  maxSize: LIMITS.bodyBytes,
  onError: (c) => problem(c, refusal("TOO_LARGE", `a body is at most ${LIMITS.bodyBytes} bytes`)),
});

export const files = new Hono<App>()
  .post("/upload", async (c) => {
    const me = await authenticate(c);
    const desk = openFileDesk(c);
    const named = c.req.query("conversationId");
    const { file, fields } = await uploadForm(c.req.raw, desk, me.userId, {
      fileField: "file",
      ...(named === undefined ? {} : { conversationId: accept(parseConversationId(named)) }),
    });
    const answer = await fileAnswer(file, me.userId, desk.urls);
    if (fields.get("asMessage") !== "true") return enveloped(c, answer, { status: 201 });
    const message = await sendFileMessage(c.env, me.userId, file, {
      content: file.details.caption ?? "",
      clientMessageId: fields.get("clientMessageId") ?? c.req.header("idempotency-key"),
    });
    return enveloped(c, { ...answer, message }, { status: 201 });
  })
  .put("/:fileId/parts/:part", async (c) => {
    const desk = openFileDesk(c);
    const address = fileAddress(c.req.param("fileId"));
    const part = Number(c.req.param("part"));
    const length = Number(c.req.header("content-length") ?? Number.NaN);
    // the signature covers number and length: what was planned is what comes
    const userId = await partUploaderOf(c, desk, address, { part, length });
    const { body } = c.req.raw;
    if (body === null) throw new RefusedError(refusal("MISSING_DATA", "the part is missing"));
    const { etag } = await carryPart(desk, userId, address, { part, body });
    return c.body(null, 200, { etag: `"${etag}"` });
  })
  .use(smallBody)
  .post("/presign", async (c) => {
    const me = await authenticate(c);
    const { conversationId, fileName, mimeType, size, ...said } = await readBody(c, presignBody);
    const draft = {
      name: cleanFileName(fileName),
      mimeType: cleanType(mimeType),
      size,
      details: givenDetails(said),
    };
    const id = accept(parseConversationId(conversationId));
    return enveloped(c, await presignUpload(openFileDesk(c), me.userId, id, draft), {
      status: 201,
    });
  })
  .get("/:fileId/upload", async (c) => {
    const me = await authenticate(c);
    const address = fileAddress(c.req.param("fileId"));
    return enveloped(c, await resumeUpload(openFileDesk(c), me.userId, address));
  })
  .post("/:fileId/complete", async (c) => {
    const me = await authenticate(c);
    const desk = openFileDesk(c);
    const file = await completeUpload(desk, me.userId, fileAddress(c.req.param("fileId")));
    return enveloped(c, await fileAnswer(file, me.userId, desk.urls));
  })
  .get("/conversation/:conversationId", async (c) => {
    const me = await authenticate(c);
    const desk = openFileDesk(c);
    const conversationId = accept(parseConversationId(c.req.param("conversationId")));
    const { cursor, limit, kind } = readQuery(c, listQuery);
    const query = {
      limit: Math.min(limit ?? LIMITS.filesDefault, LIMITS.filesMax),
      ...(cursor === undefined ? {} : { before: cursor }),
      ...(kind === undefined ? {} : { kind }),
    };
    const page = await askConversation(c.env, { conversationId }, (stub) =>
      stub.files(me.userId, query),
    );
    const answers = page.files.map((file) => fileAnswer(file, me.userId, desk.urls));
    const last = page.files.at(-1);
    return enveloped(c, {
      files: await Promise.all(answers),
      nextCursor: page.hasMore && last !== undefined ? `${last.n}` : null,
    });
  })
  .post("/sweep", async (c) => {
    const me = await authenticate(c);
    if (me.role !== "admin") throw new RefusedError(refusal("FORBIDDEN", "for administrators"));
    const { cursor, dryRun } = readQuery(c, sweepQuery);
    const options = { cursor: cursor ?? null, isDryRun: dryRun === "true", now: Date.now() };
    return enveloped(c, await sweepOrphans(c.env, openFileDesk(c).store, options));
  })
  .get("/:fileId/info", async (c) => {
    const me = await authenticate(c);
    const address = fileAddress(c.req.param("fileId"));
    const file = await askConversation(c.env, address, (stub) => stub.file(me.userId, address.n));
    return enveloped(c, await fileAnswer(file, me.userId, openFileDesk(c).urls));
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
  })
  .delete("/:fileId", async (c) => {
    const me = await authenticate(c);
    const address = fileAddress(c.req.param("fileId"));
    const file = await askConversation(c.env, address, (stub) =>
      stub.deleteFile(me.userId, address.n),
    );
    const { conversationId } = file;
    const deletedAt = new Date().toISOString();
    return enveloped(c, { fileId: fileIdOf(file), conversationId, status: "DELETED", deletedAt });
  });

/** The file of a path, if whoever asks may read it: by token, or by the signature of its URL. */
async function readableFile(
  c: Context<App>,
  fileId: string,
): Promise<{ desk: FileDesk; file: FileRecord }> {
  const desk = openFileDesk(c);
  const address = fileAddress(fileId);
  const readerId = await readerOf(c, desk, address);
  const file = await askConversation(c.env, address, (stub) => stub.file(readerId, address.n));
  return { desk, file };
}
