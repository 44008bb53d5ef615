import * as v from "valibot";
import { LIMITS } from "../../protocol/limits.ts";
import { THUMBNAIL_TYPE } from "../files/thumbnail-renderer.ts";
import { IDEMPOTENCY } from "../idempotency-key.ts";
import type { ByteContract } from "./contract.ts";
import { fileSchema, onFile } from "./schemas/file.ts";
import { inConversation, timeSchema } from "./schemas/ids.ts";
import { messageSchema } from "./schemas/message.ts";

const text = v.optional(v.string());
/** Bytes in a form; what JSON Schema calls a string that it says no more of. */
const formFile = v.string();

const chatSvcMessage = v.object({
  message_id: v.string(),
  conversation_id: v.string(),
  seq: v.number(),
  sender_id: v.string(),
  receiver_id: v.nullable(v.string()),
  text_content: v.string(),
  attachment_url: v.nullable(v.string()),
  attachment_filename: v.string(),
  attachment_mimetype: v.string(),
  message_type: v.string(),
  is_spam: v.boolean(),
  timestamp: timeSchema,
});

const READ = {
  method: "get",
  tag: "files",
  access: "signed",
  params: onFile,
  bytes: "*/*",
  ranged: true,
  statuses: [200],
  refusals: ["NOT_FOUND"],
} as const;

/** Routes whose bodies are bytes: they stream, so they stand beside the route table (routes/file-bytes.ts). */
export const BYTE_CONTRACTS: readonly ByteContract[] = [
  {
    method: "post",
    path: "/files/upload",
    summary: "Upload a file; with asMessage=true also say so in the conversation",
    tag: "files",
    access: "user",
    form: v.object({
      file: formFile,
      conversationId: v.string(),
      caption: text,
      asMessage: v.optional(v.picklist(["true", "false"])),
      clientMessageId: text,
      durationMs: text,
      width: text,
      height: text,
    }),
    headers: IDEMPOTENCY,
    answer: v.object({ ...fileSchema.entries, message: v.exactOptional(messageSchema) }),
    statuses: [201, 200],
    refusals: ["NOT_FOUND", "FORBIDDEN", "BLOCKED", "MUTED", "TOO_LARGE", "UNSUPPORTED_TYPE"],
  },
  {
    method: "put",
    path: "/files/:fileId/parts/:part",
    summary: "One part of an upload, by its signed URL: where the store cannot sign its own",
    tag: "files",
    access: "signed",
    params: v.object({ ...onFile.entries, part: v.string() }),
    takesBytes: true,
    statuses: [200],
    refusals: ["NOT_FOUND"],
  },
  { ...READ, path: "/files/:fileId", summary: "A file, shown in place where that is safe" },
  { ...READ, path: "/files/:fileId/download", summary: "A file, to be saved" },
  {
    method: "get",
    path: "/files/:fileId/thumbnail/:size",
    summary: `A picture made small: small, medium, large or 1 to ${LIMITS.thumbnailPixels} pixels`,
    tag: "files",
    access: "signed",
    params: v.object({ ...onFile.entries, size: v.string() }),
    bytes: THUMBNAIL_TYPE,
    tagged: true,
    statuses: [200],
    refusals: ["NOT_FOUND", "UNSUPPORTED_TYPE", "TOO_LARGE"],
  },
  {
    method: "post",
    path: "/api/chat/upload/:conversationId",
    summary: "chat-svc's upload: stores the attachment and sends it as a message",
    tag: "files",
    access: "user",
    params: inConversation,
    form: v.object({
      attachment: formFile,
      sender_id: text,
      receiver_id: text,
      text_content: text,
      client_message_id: text,
    }),
    headers: IDEMPOTENCY,
    answer: chatSvcMessage,
    bare: true,
    statuses: [201],
    refusals: ["NOT_FOUND", "FORBIDDEN", "BLOCKED", "MUTED", "TOO_LARGE", "UNSUPPORTED_TYPE"],
  },
  {
    method: "get",
    path: "/uploads/:filename",
    summary: "chat-svc's address of a file: leads to a short-lived signed URL",
    tag: "files",
    access: "user",
    params: v.object({ filename: v.string() }),
    statuses: [302],
    refusals: ["NOT_FOUND"],
  },
];
