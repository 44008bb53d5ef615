import * as v from "valibot";

const DAY_S = 86_400;

/** What a conversation allows; owners and admins change it. Times are seconds. */
export const settingsSchema = v.object({
  /** Who becomes a member: whoever asks, or whom an admin adds. */
  join: v.picklist(["open", "invite"]),
  /** Whether people may ask to become members of a group that is not open. */
  requests: v.optional(v.boolean(), true),
  /** Least role that may send. */
  send: v.picklist(["member", "moderator", "admin"]),
  /** Least time between two messages of one member; 0 is off, moderators are free of it. */
  slowModeS: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(DAY_S)),
  /** What somebody who joins later may read: all of the log, or what comes after the joining. */
  history: v.picklist(["all", "joined"]),
  /** How long the author may edit a message; 0 is for ever. */
  editWindowS: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(366 * DAY_S)),
  /** Closed by moderation: nobody below moderator may write. */
  locked: v.boolean(),
});
export type Settings = v.InferOutput<typeof settingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  join: "invite",
  requests: true,
  send: "member",
  slowModeS: 0,
  history: "all",
  editWindowS: DAY_S,
  locked: false,
};

export const conversationNameSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(200),
  v.check((text) => text.isWellFormed(), "must be well-formed Unicode"),
);

/** A change of the settings, the name or the picture; what is left out stays. */
export const settingsChangeSchema = v.object({
  join: v.exactOptional(settingsSchema.entries.join),
  requests: v.exactOptional(v.boolean()),
  send: v.exactOptional(settingsSchema.entries.send),
  slowModeS: v.exactOptional(settingsSchema.entries.slowModeS),
  history: v.exactOptional(settingsSchema.entries.history),
  editWindowS: v.exactOptional(settingsSchema.entries.editWindowS),
  locked: v.exactOptional(settingsSchema.entries.locked),
  name: v.exactOptional(conversationNameSchema),
  avatarFileId: v.exactOptional(v.nullable(v.pipe(v.string(), v.maxLength(1_024)))),
});
export type SettingsChange = v.InferOutput<typeof settingsChangeSchema>;
