import * as v from "valibot";
import { timeSchema, userIdSchema } from "./ids.ts";

/** People in one question. */
const MOST_PEOPLE = 100;

export const presenceQuery = v.object({
  /** Separated by commas; an id with a comma is asked for alone, as `/users/:userId`. */
  userIds: v.pipe(
    v.string(),
    v.transform((text) => [...new Set(text.split(",").filter((id) => id !== ""))]),
    v.minLength(1),
    v.maxLength(MOST_PEOPLE),
    v.array(userIdSchema),
  ),
});

export const presenceEntries = {
  online: v.boolean(),
  /** When the last connection ended; null while there is one, or when it is not shown. */
  lastSeen: v.nullable(timeSchema),
};

/** Only of people one shares a conversation with: others are left out. */
export const presencesSchema = v.object({
  users: v.array(v.object({ userId: v.string(), ...presenceEntries })),
});

export const invisibleBody = v.object({ invisible: v.boolean() });

export const blocksSchema = v.object({
  blocks: v.array(v.object({ userId: v.string(), blockedAt: timeSchema })),
});
export const blockedSchema = v.object({ userId: v.string(), blocked: v.boolean() });
