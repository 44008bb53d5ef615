import * as v from "valibot";
import { notificationSchema } from "../../protocol/notification.ts";

/** What the code writes or reads without a schema, because it is nearly nothing. */

/** Something has come in a conversation that the client does not follow. Rule MUX-4. */
export const newsFrameSchema = v.object({ type: v.literal("news") });

export const notificationFrameSchema = v.object({
  type: v.literal("notification"),
  ...notificationSchema.entries,
  at: v.pipe(v.number(), v.safeInteger()),
});

/** The user's own id: the token's. */
export const joinRoomSchema = v.string();
