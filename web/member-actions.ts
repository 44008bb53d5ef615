import { may, outranks, type Role } from "../client/index.ts";
import type { RosterMember } from "./roster.ts";

/** What one member can do with another; how the page carries it out is not decided here. */
export type MemberAction =
  | { type: "role"; role: Role; label: string }
  | { type: "mute"; seconds: number; label: string }
  | { type: "transfer" | "remove" | "ban" | "write"; label: string };

const HOUR_S = 3_600;
const MUTES = [
  { seconds: HOUR_S, label: "Mute for an hour" },
  { seconds: 24 * HOUR_S, label: "Mute for a day" },
  { seconds: 7 * 24 * HOUR_S, label: "Mute for a week" },
];

const GIVEN_ROLES = [
  { role: "admin", label: "Make an admin" },
  { role: "moderator", label: "Make a moderator" },
  { role: "member", label: "Make an ordinary member" },
] as const satisfies { role: Role; label: string }[];

/** What somebody of this role may do with somebody else, by the rules MEM-2 and MEM-3. */
export function memberActions(
  myRole: Role,
  other: Pick<RosterMember, "role" | "mutedUntil">,
  now: number,
): MemberAction[] {
  const actions: MemberAction[] = [{ type: "write", label: "Write to them" }];
  const isBelow = outranks(myRole, other.role);
  if (isBelow && may(myRole, "changeRoles")) {
    for (const { role, label } of GIVEN_ROLES) {
      if (role !== other.role && outranks(myRole, role))
        actions.push({ type: "role", role, label });
    }
  }
  if (may(myRole, "transfer")) actions.push({ type: "transfer", label: "Hand the group over" });
  if (isBelow && may(myRole, "muteMembers")) {
    const mutes = other.mutedUntil > now ? [{ seconds: 0, label: "Let them write again" }] : MUTES;
    actions.push(...mutes.map((mute) => ({ type: "mute" as const, ...mute })));
  }
  if (isBelow && may(myRole, "removeMembers")) actions.push({ type: "remove", label: "Remove" });
  if (isBelow && may(myRole, "banMembers")) actions.push({ type: "ban", label: "Ban" });
  return actions;
}
