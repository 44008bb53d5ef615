import * as v from "valibot";
import { LIMITS } from "./limits.ts";
import { metadataSchema } from "./message.ts";
import { exceedsUtf8 } from "./utf8.ts";

/** Something that the deployment tells a user beside conversations. Rule NTF-1. */
export const notificationSchema = v.object({
  /** The sender's: one that comes again is told once. */
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  title: text(LIMITS.notificationTitleBytes),
  body: text(LIMITS.notificationBodyBytes),
  /** For the client's own use. */
  data: v.optional(metadataSchema, {}),
});
export type Notification = v.InferOutput<typeof notificationSchema>;

/** As it is kept, and told to connections. `at`: epoch ms. */
export type StoredNotification = Notification & { at: number };

/** The native frame of it, on the socket that carries many conversations. */
export function notificationText(notification: StoredNotification): string {
  return JSON.stringify({ type: "notification", ...notification });
}

function text(bytes: number) {
  return v.pipe(
    v.string(),
    v.check((value) => !exceedsUtf8(value, bytes), `is over ${bytes} bytes`),
  );
}
