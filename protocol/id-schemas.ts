import * as v from "valibot";
import type { Refusal } from "./error-codes.ts";
import {
  parseBroadcastId,
  parseConversationId,
  parseMessageId,
  parseUserId,
  type BroadcastId,
  type ConversationId,
  type UserId,
} from "./ids.ts";
import { parseFileId } from "./file-id.ts";
import type { Result } from "./result.ts";

/** An id by its one parse function, as a schema. */
export function idSchema<T>(parse: (value: unknown) => Result<T, Refusal>) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const parsed = parse(dataset.value);
      if (parsed.ok) return parsed.value;
      addIssue({ message: parsed.error.message });
      return NEVER;
    }),
  );
}

export const conversationIdSchema = idSchema<ConversationId>(parseConversationId);
export const userIdSchema = idSchema<UserId>(parseUserId);
export const messageIdSchema = idSchema(parseMessageId);
export const broadcastIdSchema = idSchema<BroadcastId>(parseBroadcastId);
export const fileIdSchema = idSchema(parseFileId);
