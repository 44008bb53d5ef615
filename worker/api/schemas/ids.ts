import * as v from "valibot";
import {
  broadcastIdSchema,
  conversationIdSchema,
  messageIdSchema,
  userIdSchema,
} from "../../../protocol/id-schemas.ts";

export { broadcastIdSchema, conversationIdSchema, messageIdSchema, userIdSchema };

export const inConversation = v.object({ conversationId: conversationIdSchema });
export const onMember = v.object({ conversationId: conversationIdSchema, userId: userIdSchema });
export const onMessage = v.object({ messageId: messageIdSchema });
export const onUser = v.object({ userId: userIdSchema });

/** ISO 8601, UTC. */
export const timeSchema = v.pipe(v.string(), v.isoTimestamp());

/** A whole number in a query. */
export function queryNumber(least: number, most: number) {
  return v.pipe(
    v.string(),
    v.regex(/^[0-9]{1,15}$/, "is not a whole number"),
    v.transform(Number),
    v.minValue(least),
    v.maxValue(most),
    v.metadata({ query: { type: "integer", minimum: least, maximum: most } }),
  );
}

/** A page's size: what is over `most` is taken as `most`. */
export function queryLimit(most: number) {
  return v.pipe(
    v.string(),
    v.regex(/^[1-9][0-9]{0,8}$/, "is not a number from 1"),
    v.transform((text) => Math.min(Number(text), most)),
    v.metadata({ query: { type: "integer", minimum: 1 } }),
  );
}

export const queryFlag = v.pipe(
  v.picklist(["true", "false"]),
  v.transform((text) => text === "true"),
  v.metadata({ query: { type: "boolean" } }),
);

/** Opaque: what an earlier page gave as `nextCursor`. */
export const cursorText = v.pipe(v.string(), v.maxLength(1_024));
