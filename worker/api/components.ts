import * as v from "valibot";
import { ERROR_CODES } from "../../protocol/error-codes.ts";
import { accountSchema, credentialsSchema, profileSchema } from "./schemas/account.ts";
import { conversationSchema, conversationSummarySchema } from "./schemas/conversation.ts";
import { fileSchema } from "./schemas/file.ts";
import { timeSchema } from "./schemas/ids.ts";
import { messageSchema } from "./schemas/message.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const metadataSchema = v.object({
  timestamp: timeSchema,
  requestId: v.string(),
  pagination: v.exactOptional(
    v.object({
      currentPage: count,
      totalPages: count,
      totalCount: count,
      hasNext: v.boolean(),
      hasPrevious: v.boolean(),
      limit: count,
    }),
  ),
});

/** RFC 9457, with the fields that nGomna's clients read beside them. */
const problemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.picklist(Object.keys(ERROR_CODES)),
  requestId: v.string(),
  success: v.literal(false),
  message: v.string(),
  errors: v.exactOptional(v.array(v.object({ field: v.string(), problem: v.string() }))),
  lastSeq: v.exactOptional(count),
});

/** Schemas that the description names; everything else stands where it is used. */
export const COMPONENTS: Readonly<Record<string, v.GenericSchema>> = {
  Metadata: metadataSchema,
  Problem: problemSchema,
  Account: accountSchema,
  Credentials: credentialsSchema,
  Profile: profileSchema,
  Message: messageSchema,
  ConversationSummary: conversationSummarySchema,
  Conversation: conversationSchema,
  File: fileSchema,
};
