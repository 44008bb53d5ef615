import * as v from "valibot";
import type { Refusal } from "./error-codes.ts";
import {
  parseConversationId,
  parseMessageId,
  parseUserId,
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
export const fileIdSchema = idSchema(parseFileId);
