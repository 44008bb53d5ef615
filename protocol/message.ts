import * as v from "valibot";
import { isDeeperThan } from "./json-depth.ts";
import { LIMITS } from "./limits.ts";
import { exceedsUtf8 } from "./utf8.ts";

/** Kinds of message a client may send; `SYSTEM` is the server's alone. */
export const SENDABLE_TYPES = [
  "TEXT",
  "IMAGE",
  "FILE",
  "AUDIO",
  "VIDEO",
  "LOCATION",
  "CUSTOM",
] as const;

export const clientMessageIdSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(LIMITS.clientMessageIdChars),
  v.check((text) => text.isWellFormed(), "must be well-formed Unicode"),
);

/** Text of a message, new or edited. */
export const contentSchema = v.pipe(
  v.string(),
  v.check(
    (text) => !exceedsUtf8(text, LIMITS.contentBytes),
    `is over ${LIMITS.contentBytes} bytes`,
  ),
);

/** Values that only clients read. */
export const metadataSchema = v.pipe(
  v.custom<Record<string, unknown>>(isPlainObject, "must be an object"),
  v.check(
    (value) => !isDeeperThan(value, LIMITS.metadataDepth),
    `is over ${LIMITS.metadataDepth} levels deep`,
  ),
  v.check(
    (value) => !exceedsUtf8(JSON.stringify(value), LIMITS.metadataBytes),
    `is over ${LIMITS.metadataBytes} bytes`,
  ),
);

const idText = v.pipe(v.string(), v.minLength(1), v.maxLength(1_024));

/** What a sender gives. A message needs text or an attachment; unknown fields are dropped. Rule SND-2. */
export const messageDraftSchema = v.pipe(
  v.object({
    type: v.optional(v.picklist(SENDABLE_TYPES), "TEXT"),
    content: v.optional(contentSchema, ""),
    replyTo: v.optional(idText),
    mentions: v.optional(v.pipe(v.array(idText), v.maxLength(LIMITS.mentions))),
    attachments: v.optional(v.pipe(v.array(idText), v.maxLength(LIMITS.attachments))),
    metadata: v.optional(metadataSchema),
  }),
  v.check(
    (draft) =>
      draft.type !== "TEXT" || draft.content.length > 0 || (draft.attachments?.length ?? 0) > 0,
    "a TEXT message needs content or an attachment",
  ),
);

export type MessageDraft = v.InferOutput<typeof messageDraftSchema>;

/** The body of a message as the log keeps it. */
export type MessageBody = Omit<MessageDraft, "type"> & {
  type: MessageDraft["type"] | "SYSTEM";
  /** Those of `attachments` that were deleted since. */
  deletedAttachments?: string[];
};

/** One emoji, or a short name of one: what people see is their client's matter. Rule CHG-4. */
export const emojiSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((text) => text.isWellFormed(), "must be well-formed Unicode"),
  v.check((text) => !exceedsUtf8(text, LIMITS.emojiBytes), `is over ${LIMITS.emojiBytes} bytes`),
);

/** An array would pass for a record, and be stored as one. */
function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
