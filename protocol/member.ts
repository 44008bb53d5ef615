import * as v from "valibot";

/** From the one who may do everything to the one who may just talk. */
export const ROLES = ["owner", "admin", "moderator", "member"] as const;
export type Role = (typeof ROLES)[number];
export const roleSchema = v.picklist(ROLES);

export const memberSchema = v.object({
  userId: v.string(),
  name: v.string(),
  role: roleSchema,
});
export type Member = v.InferOutput<typeof memberSchema>;
