import * as v from "valibot";
import { notificationSchema } from "../../protocol/notification.ts";
import { listEntrySchema } from "../../worker/api/schemas/conversation-list.ts";

/** What the code writes or reads without a schema, because it is nearly nothing. */

/** Something has come in a conversation that the client does not follow. Rule MUX-4. */
export const newsFrameSchema = v.object({ type: v.literal("news") });

/** How a conversation stands in the user's list: what has changed of it at least, or that it is there no more. Rule MUX-5. */
export const entryFrameSchema = v.object({
  type: v.literal("entry"),
  entry: v.object({
    ...v.partial(listEntrySchema).entries,
    removed: v.exactOptional(v.literal(true)),
  }),
});

export const notificationFrameSchema = v.object({
  type: v.literal("notification"),
  ...notificationSchema.entries,
  at: v.pipe(v.number(), v.safeInteger()),
});

/** The user's own id: the token's. */
export const joinRoomSchema = v.string();
