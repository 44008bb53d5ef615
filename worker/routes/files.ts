import { cleanFileName } from "../../core/files/file-name.ts";
import { cleanType } from "../../core/files/media-type.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import { route, type Route } from "../api/route.ts";
import {
  deletedFileSchema,
  fileSchema,
  filesQuery,
  filesSchema,
  onFile,
  presignBody,
  sweepQuery,
  sweepSchema,
  uploadSchema,
} from "../api/schemas/file.ts";
import { inConversation } from "../api/schemas/ids.ts";
import { completeUpload, presignUpload, resumeUpload } from "../files/direct-upload.ts";
import { fileAnswer } from "../files/file-answers.ts";
import { askConversation } from "../files/file-calls.ts";
import { openFileDesk } from "../files/file-desk.ts";
import { givenDetails } from "../files/file-fields.ts";
import { sweepOrphans } from "../files/orphan-sweep.ts";
import { idempotencyKey } from "../idempotency-key.ts";
import { isoTime } from "../../edge/iso-time.ts";

/** What is said about files; their bytes go through file-bytes.ts. */
export const files: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/files/presign",
      summary: "Begin an upload that goes to the store by signed URLs, in parts above 100 MB",
      tag: "files",
      access: "user",
      headers: {
        "idempotency-key":
          "The same key again answers the first upload, with fresh URLs for the rest",
      },
      body: presignBody,
      answer: uploadSchema,
      statuses: [201, 200],
      refusals: ["FORBIDDEN", "BLOCKED", "LOCKED", "MUTED", "NOT_FOUND"],
    },
    async ({ c, me, body }) => {
      const { conversationId, fileName, mimeType, size, ...said } = body;
      const draft = {
        name: cleanFileName(fileName),
        mimeType: cleanType(mimeType),
        size,
        details: givenDetails(said),
      };
      const wanted = { conversationId, draft, key: idempotencyKey(c) };
      const { repeated, plan } = await presignUpload(openFileDesk(c), me.userId, wanted);
      return { data: plan, status: repeated ? 200 : 201 };
    },
  ),
  route(
    {
      method: "get",
      path: "/files/:fileId/upload",
      summary: "What is missing of an own upload, with fresh URLs: to resume it",
      tag: "files",
      access: "user",
      params: onFile,
      answer: uploadSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params }) => ({
      data: await resumeUpload(openFileDesk(c), me.userId, params.fileId),
    }),
  ),
  route(
    {
      method: "post",
      path: "/files/:fileId/complete",
      summary: "End an upload: its size and type are checked on what came",
      tag: "files",
      access: "user",
      params: onFile,
      answer: fileSchema,
      statuses: [200],
      refusals: [
        "FORBIDDEN",
        "BLOCKED",
        "LOCKED",
        "MUTED",
        "NOT_FOUND",
        "CONFLICT",
        "UNSUPPORTED_TYPE",
        "TOO_LARGE",
      ],
    },
    async ({ c, me, params }) => {
      const desk = openFileDesk(c);
      const file = await completeUpload(desk, me.userId, params.fileId);
      return { data: await fileAnswer(file, me.userId, desk.urls) };
    },
  ),
  route(
    {
      method: "get",
      path: "/files/conversation/:conversationId",
      summary: "A conversation's files, newest first",
      tag: "files",
      access: "user",
      params: inConversation,
      query: filesQuery,
      answer: filesSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params, query: { cursor, limit, kind } }) => {
      const { urls } = openFileDesk(c);
      const query = {
        limit,
        ...(cursor === undefined ? {} : { before: cursor }),
        ...(kind === undefined ? {} : { kind }),
      };
      const page = await askConversation(c.env, params, (stub) => stub.files(me.userId, query));
      const last = page.files.at(-1);
      return {
        data: {
          files: await Promise.all(page.files.map((file) => fileAnswer(file, me.userId, urls))),
          nextCursor: page.hasMore && last !== undefined ? `${last.n}` : null,
        },
      };
    },
  ),
  route(
    {
      method: "get",
      path: "/files/:fileId/info",
      summary: "What is known about a file, with fresh URLs",
      tag: "files",
      access: "user",
      params: onFile,
      answer: fileSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { fileId } }) => {
      const { urls } = openFileDesk(c);
      const file = await askConversation(c.env, fileId, (stub) => stub.file(me.userId, fileId.n));
      return { data: await fileAnswer(file, me.userId, urls) };
    },
  ),
  route(
    {
      method: "delete",
      path: "/files/:fileId",
      summary: "Take a file away at once; its bytes go after a grace period",
      tag: "files",
      access: "user",
      params: onFile,
      answer: deletedFileSchema,
      statuses: [200],
      refusals: ["NOT_FOUND", "FORBIDDEN"],
    },
    async ({ c, me, params: { fileId } }) => {
      await askConversation(c.env, fileId, (stub) => stub.deleteFile(me.userId, fileId.n));
      return {
        data: {
          fileId: fileIdOf(fileId),
          conversationId: fileId.conversationId,
          status: "DELETED",
          deletedAt: isoTime(Date.now()),
        },
      };
    },
  ),
  route(
    {
      method: "post",
      path: "/files/sweep",
      summary: "Find and delete, one page at a time, stored objects that no conversation knows",
      tag: "files",
      access: "admin",
      query: sweepQuery,
      answer: sweepSchema,
      statuses: [200],
    },
    async ({ c, query: { cursor, dryRun } }) => {
      const options = { cursor: cursor ?? null, isDryRun: dryRun === "true", now: Date.now() };
      return { data: await sweepOrphans(c.env, openFileDesk(c).store, options) };
    },
  ),
];
