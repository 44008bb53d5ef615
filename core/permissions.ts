import { ROLES, type Role } from "../protocol/member.ts";

/** What a member of a group may do. The table is the rule (MEM-2); permissions.test.ts goes through it cell by cell. */
export const PERMISSIONS = {
  send: { owner: true, admin: true, moderator: true, member: true },
  sendWhileLocked: { owner: true, admin: true, moderator: true, member: false },
  skipSlowMode: { owner: true, admin: true, moderator: true, member: false },
  deleteOthersMessages: { owner: true, admin: true, moderator: true, member: false },
  eraseMembersMessages: { owner: true, admin: true, moderator: true, member: false },
  readOthersVersions: { owner: true, admin: true, moderator: true, member: false },
  addMembers: { owner: true, admin: true, moderator: false, member: false },
  invite: { owner: true, admin: true, moderator: false, member: false },
  answerRequests: { owner: true, admin: true, moderator: true, member: false },
  removeMembers: { owner: true, admin: true, moderator: true, member: false },
  banMembers: { owner: true, admin: true, moderator: true, member: false },
  muteMembers: { owner: true, admin: true, moderator: true, member: false },
  changeRoles: { owner: true, admin: true, moderator: false, member: false },
  changeSettings: { owner: true, admin: true, moderator: false, member: false },
  lock: { owner: true, admin: true, moderator: true, member: false },
  transfer: { owner: true, admin: false, moderator: false, member: false },
  dismiss: { owner: true, admin: false, moderator: false, member: false },
} as const satisfies Record<string, Record<Role, boolean>>;

export type Permission = keyof typeof PERMISSIONS;

export function may(role: Role, permission: Permission): boolean {
  return PERMISSIONS[permission][role];
}

/** Whether `role` is at least as high as `least`. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(least);
}

/** Whether somebody of `role` may act on somebody of `other`: only downwards. Rule MEM-3. */
export function outranks(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) < ROLES.indexOf(other);
}
