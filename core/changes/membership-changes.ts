import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { MembershipEvent } from "../../protocol/event.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Member, Role } from "../../protocol/member.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { BANNED, invitationFor, waitingRequest } from "../admission.ts";
import {
  TELL_STAFF,
  UNCHANGED,
  type ConversationReader,
  type Decision,
  type Effect,
  type MemberRecord,
  type MembershipDetails,
} from "../conversation.ts";
import { may, outranks, type Permission } from "../permissions.ts";
import type { Actor, OtherChange } from "./change.ts";
import {
  isAllowed,
  KEEPS_ITS_TWO,
  NO_SUCH_CONVERSATION,
  NOT_YOURS,
  TOO_HIGH,
} from "./write-rules.ts";

type MembershipChange = Exclude<
  OtherChange,
  {
    type:
      | "edit"
      | "delete"
      | "react"
      | "report"
      | "judge"
      | "erase"
      | "configure"
      | "storeFile"
      | "deleteFile"
      | "dismiss";
  }
>;

/** When and where in the log a change falls. */
interface Moment {
  now: number;
  head: number;
}

/** Who belongs to a group, and as what. A direct conversation always has the same two. Rules MEM-1 to MEM-4. */
export function decideMembership(
  conversation: ConversationReader,
  actor: Actor,
  change: MembershipChange,
  moment: Moment,
): Result<Decision, Refusal> {
  if (change.type === "join") return join(conversation, actor, change, moment);
  const me = conversation.member(actor.userId);
  if (me === undefined && actor.authority === "member") return fail(NO_SUCH_CONVERSATION);
  if (conversation.charter.type === "direct") return fail(KEEPS_ITS_TWO);
  switch (change.type) {
    case "addMembers":
      return allowed(me, actor, "addMembers") ?? add(conversation, change.people, moment);
    case "admit":
      return allowed(me, actor, "answerRequests") ?? admit(conversation, change.userId, moment);
    case "removeMember":
      return onOther(conversation, me, actor, change.userId, "removeMembers", (other) =>
        append("removed", other, [{ type: "dropMember", userId: other.userId }, TELL_STAFF]),
      );
    case "ban":
      return ban(conversation, me, actor, change);
    case "mute":
      return onOther(conversation, me, actor, change.userId, "muteMembers", (other) =>
        mute(other, change.until),
      );
    case "setRole":
      return onOther(conversation, me, actor, change.userId, "changeRoles", (other) =>
        setRole(me, other, change.role),
      );
    case "transfer":
      return me === undefined
        ? fail(NO_SUCH_CONVERSATION)
        : transfer(conversation, me, change.userId);
    case "leave":
      return me === undefined ? fail(NO_SUCH_CONVERSATION) : leave(conversation, me);
  }
}

function join(
  conversation: ConversationReader,
  { userId }: Actor,
  { name, secret }: { name: string; secret: string | null },
  moment: Moment,
): Result<Decision, Refusal> {
  if (conversation.charter.type === "direct") return fail(NO_SUCH_CONVERSATION);
  if (conversation.member(userId) !== undefined) return ok(UNCHANGED);
  const member = newMember(conversation, { userId, name }, moment);
  const effects = welcoming(conversation, [member]);
  const refused = roomFor(conversation, 1);
  if (secret !== null) {
    const invited = invitationFor(conversation, userId, secret, moment.now);
    if (!invited.ok) return invited;
    effects.push({ type: "useInvite", secret });
    const { inviteId } = invited.value;
    return refused ?? ok(appended("joined", [member], effects, { inviteId }));
  }
  if (conversation.isBanned(userId)) return fail(BANNED);
  if (conversation.profile.settings.join !== "open") {
    return fail(refusal("FORBIDDEN", "this group takes nobody who was not invited"));
  }
  return refused ?? ok(appended("joined", [member], effects));
}

/** Somebody who has asked becomes a member. Rule ADM-5. */
function admit(
  conversation: ConversationReader,
  userId: string,
  moment: Moment,
): Result<Decision, Refusal> {
  if (conversation.member(userId) !== undefined) return ok(UNCHANGED);
  const request = waitingRequest(conversation, userId);
  if (!request.ok) return request;
  const member = newMember(conversation, request.value, moment);
  const effects = welcoming(conversation, [member]);
  const event = appended("added", [member], effects, { requested: true });
  return roomFor(conversation, 1) ?? ok(event);
}

function add(
  conversation: ConversationReader,
  people: readonly Pick<Member, "userId" | "name">[],
  moment: Moment,
): Result<Decision, Refusal> {
  const added = people
    .filter(({ userId }) => conversation.member(userId) === undefined)
    .map((person) => newMember(conversation, person, moment));
  if (added.length === 0) return ok(UNCHANGED);
  if (added.length > LIMITS.membersPerEvent) {
    return fail(refusal("TOO_LARGE", `at most ${LIMITS.membersPerEvent} members at once`));
  }
  const banned = added.find(({ userId }) => conversation.isBanned(userId));
  if (banned !== undefined) return fail(refusal("FORBIDDEN", `${banned.userId} is banned here`));
  const effects = welcoming(conversation, added);
  return roomFor(conversation, added.length) ?? ok(appended("added", added, effects));
}

function ban(
  conversation: ConversationReader,
  me: MemberRecord | undefined,
  actor: Actor,
  { userId, active }: { userId: string; active: boolean },
): Result<Decision, Refusal> {
  const refused = allowed(me, actor, "banMembers");
  if (refused !== null) return refused;
  if (conversation.isBanned(userId) === active) return ok(UNCHANGED);
  const other = conversation.member(userId);
  if (!active) {
    const somebody = { userId, name: userId, role: "member" as const };
    return append("unbanned", somebody, [{ type: "ban", userId, active }, TELL_STAFF]);
  }
  if (other !== undefined && me !== undefined && !outranks(me.role, other.role))
    return fail(TOO_HIGH);
  const effects: Effect[] = [{ type: "ban", userId, active }, TELL_STAFF];
  if (other !== undefined) effects.push({ type: "dropMember", userId });
  if (conversation.request(userId) !== undefined) effects.push({ type: "closeRequest", userId });
  return append("banned", other ?? { userId, name: userId, role: "member" }, effects);
}

function mute(other: MemberRecord, until: number): Result<Decision, Refusal> {
  if (other.mutedUntil === until) return ok(UNCHANGED);
  const member = { ...other, mutedUntil: until };
  return ok(appended("muted", [other], [{ type: "putMember", member }, TELL_STAFF], { until }));
}

/** Nobody makes somebody his own equal, save the owner an admin's. */
function setRole(
  me: MemberRecord | undefined,
  other: MemberRecord,
  role: Role,
): Result<Decision, Refusal> {
  if (other.role === role) return ok(UNCHANGED);
  if (me !== undefined && !outranks(me.role, role)) return fail(TOO_HIGH);
  const member = { ...other, role };
  return append("role", member, [{ type: "putMember", member }]);
}

/** The old owner stays as an admin. */
function transfer(
  conversation: ConversationReader,
  me: MemberRecord,
  userId: string,
): Result<Decision, Refusal> {
  if (!may(me.role, "transfer")) return fail(NOT_YOURS);
  const other = conversation.member(userId);
  if (other === undefined) return fail(NO_SUCH_MEMBER);
  if (other.userId === me.userId) return ok(UNCHANGED);
  const [heir, former] = [
    { ...other, role: "owner" as const },
    { ...me, role: "admin" as const },
  ];
  const effects: Effect[] = [
    { type: "putMember", member: heir },
    { type: "putMember", member: former },
  ];
  return ok(appended("transferred", [heir, former], effects));
}

/** The last owner hands over first, unless nobody else is left. Rule MEM-4. */
function leave(conversation: ConversationReader, me: MemberRecord): Result<Decision, Refusal> {
  const isLastOwner = me.role === "owner" && conversation.countRole("owner") === 1;
  if (isLastOwner && conversation.memberCount() > 1) {
    return fail(refusal("CONFLICT", "hand the group over to somebody first"));
  }
  return append("left", me, [{ type: "dropMember", userId: me.userId }]);
}

/** For a change of somebody else: the permission, the person, and the rank above theirs. */
function onOther(
  conversation: ConversationReader,
  me: MemberRecord | undefined,
  actor: Actor,
  userId: string,
  permission: Permission,
  decide: (other: MemberRecord) => Result<Decision, Refusal>,
): Result<Decision, Refusal> {
  const refused = allowed(me, actor, permission);
  if (refused !== null) return refused;
  const other = conversation.member(userId);
  if (other === undefined) return fail(NO_SUCH_MEMBER);
  if (me !== undefined && !outranks(me.role, other.role)) return fail(TOO_HIGH);
  return decide(other);
}

function allowed(
  me: MemberRecord | undefined,
  actor: Actor,
  permission: Permission,
): { ok: false; error: Refusal } | null {
  return isAllowed(me, actor, permission) ? null : fail(NOT_YOURS);
}

function roomFor(
  conversation: ConversationReader,
  more: number,
): { ok: false; error: Refusal } | null {
  if (conversation.memberCount() + more <= LIMITS.members) return null;
  return fail(refusal("TOO_LARGE", `a conversation has at most ${LIMITS.members} members`));
}

function newMember(
  conversation: ConversationReader,
  { userId, name }: Pick<Member, "userId" | "name">,
  { now, head }: Moment,
): MemberRecord {
  // the joining itself is the next event, and the first one that this member reads
  const historyFrom = conversation.profile.settings.history === "joined" ? head : 0;
  // leaving and coming back gives nobody the word again
  const until = conversation.keptMute(userId);
  const mutedUntil = until > now ? until : 0;
  return { userId, name, role: "member", joinedAt: now, joinedSeq: head, historyFrom, mutedUntil };
}

/** Who comes in waits for no answer any more. */
function welcoming(conversation: ConversationReader, members: readonly MemberRecord[]): Effect[] {
  return members.flatMap((member): Effect[] => {
    const { userId } = member;
    const put: Effect = { type: "putMember", member };
    return conversation.request(userId) === undefined
      ? [put]
      : [put, { type: "closeRequest", userId }];
  });
}

function append(
  action: MembershipEvent["action"],
  member: Member,
  effects: Effect[],
): Result<Decision, Refusal> {
  return ok(appended(action, [member], effects));
}

function appended(
  action: MembershipEvent["action"],
  members: readonly Member[],
  effects: Effect[],
  details: MembershipDetails = {},
) {
  const named = members.map(({ userId, name, role }) => ({ userId, name, role }));
  return {
    type: "append" as const,
    event: { type: "membership" as const, action, members: named, ...details },
    effects,
  };
}

const NO_SUCH_MEMBER = refusal("NOT_FOUND", "no such member");
