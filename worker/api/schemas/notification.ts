import * as v from "valibot";
import { LIMITS } from "../../../protocol/limits.ts";
import { cursorText, queryLimit, timeSchema } from "./ids.ts";

export const notificationsQuery = v.object({
  limit: v.optional(queryLimit(LIMITS.notificationsKept), `${LIMITS.historyDefault}`),
  cursor: v.optional(cursorText),
});

export const notificationsSchema = v.object({
  /** Newest first. */
  notifications: v.array(
    v.object({
      id: v.string(),
      title: v.string(),
      body: v.string(),
      /** As the sender gave it. */
      data: v.record(v.string(), v.unknown()),
      timestamp: timeSchema,
    }),
  ),
  nextCursor: v.nullable(v.string()),
});
