import * as v from "valibot";
import type { Role } from "../protocol/member.ts";
import type { SettingsChange } from "../protocol/settings.ts";
import {
  groupBansSchema,
  groupChangeSchema,
  groupMemberPageSchema,
  groupSchema,
  invitationSchema,
  inviteSchema,
  invitesSchema,
  joinRequestSchema,
  joinRequestsSchema,
  type Group,
  type GroupChange,
  type GroupMemberPage,
  type Invitation,
  type Invite,
  type JoinRequest,
} from "./group-answers.ts";
import type { HttpRequest } from "./http.ts";
import type { SignedInRequests } from "./signed-in-requests.ts";

/** How long an invitation holds, in seconds, and for how many; a week and no bound unless said. */
export interface InviteTerms {
  expiresInS?: number;
  maxUses?: number;
}

/**
 * Members, settings, invitations and requests of groups. What is changed here comes to every session of the group as an
 * event of its log. Every method throws a `ParleyError`: what the own role does not allow is `FORBIDDEN`.
 */
export class GroupClient {
  readonly #requests: SignedInRequests;

  constructor(requests: SignedInRequests) {
    this.#requests = requests;
  }

  group(groupId: string): Promise<Group> {
    return this.#requests.ask({ method: "GET", path: inGroup(groupId) }, groupSchema);
  }

  /** Name, picture and settings; what is left out stays. */
  configure(groupId: string, change: SettingsChange): Promise<Group> {
    const what: HttpRequest = { method: "PATCH", path: inGroup(groupId), body: change };
    return this.#requests.ask(what, groupSchema);
  }

  members(
    groupId: string,
    query: { cursor?: string; limit?: number } = {},
  ): Promise<GroupMemberPage> {
    const path = inGroup(groupId, "members");
    return this.#requests.ask({ method: "GET", path, query: { ...query } }, groupMemberPageSchema);
  }

  addMembers(groupId: string, userIds: readonly string[]): Promise<GroupChange> {
    return this.#change("POST", inGroup(groupId, "members"), { userIds });
  }

  removeMember(groupId: string, userId: string): Promise<GroupChange> {
    return this.#change("DELETE", inGroup(groupId, "members", userId));
  }

  setRole(groupId: string, userId: string, role: Role): Promise<GroupChange> {
    return this.#change("PUT", inGroup(groupId, "members", userId, "role"), { role });
  }

  /** Takes the word from a member for some seconds; 0 gives it back. */
  mute(groupId: string, userId: string, seconds: number): Promise<GroupChange> {
    return this.#change("PUT", inGroup(groupId, "members", userId, "mute"), { seconds });
  }

  /** Who may not come in, by their user ids. */
  async bans(groupId: string): Promise<string[]> {
    const path = inGroup(groupId, "bans");
    const { bans } = await this.#requests.ask({ method: "GET", path }, groupBansSchema);
    return bans.map(({ userId }) => userId);
  }

  ban(groupId: string, userId: string): Promise<GroupChange> {
    return this.#change("PUT", inGroup(groupId, "bans", userId));
  }

  unban(groupId: string, userId: string): Promise<GroupChange> {
    return this.#change("DELETE", inGroup(groupId, "bans", userId));
  }

  /** Makes somebody else the owner; the old one stays as an admin. */
  transfer(groupId: string, userId: string): Promise<GroupChange> {
    return this.#change("POST", inGroup(groupId, "transfer"), { userId });
  }

  /** The last owner hands over first, else it is `CONFLICT`. */
  leave(groupId: string): Promise<GroupChange> {
    return this.#change("POST", inGroup(groupId, "leave"));
  }

  /** Everybody leaves, and nothing can be said there any more. */
  dismiss(groupId: string): Promise<GroupChange> {
    return this.#change("DELETE", inGroup(groupId));
  }

  /** Becomes a member of an open group. */
  join(groupId: string): Promise<GroupChange> {
    return this.#change("POST", inGroup(groupId, "join"));
  }

  makeInvite(groupId: string, terms: InviteTerms = {}): Promise<Invite> {
    const path = inGroup(groupId, "invites");
    return this.#requests.ask({ method: "POST", path, body: terms }, inviteSchema);
  }

  /** Newest first, with those that hold no more. */
  async invites(groupId: string): Promise<Invite[]> {
    const path = inGroup(groupId, "invites");
    return (await this.#requests.ask({ method: "GET", path }, invitesSchema)).invites;
  }

  revokeInvite(groupId: string, inviteId: string): Promise<Invite> {
    const path = inGroup(groupId, "invites", inviteId);
    return this.#requests.ask({ method: "DELETE", path }, inviteSchema);
  }

  /** What an invitation leads to, without using it. One that holds no more is `FORBIDDEN`. */
  invitation(token: string): Promise<Invitation> {
    return this.#requests.ask({ method: "GET", path: ofInvite(token) }, invitationSchema);
  }

  /** Becomes a member; who is one already uses none of it. */
  acceptInvite(token: string): Promise<GroupChange> {
    return this.#change("POST", `${ofInvite(token)}/accept`);
  }

  /** Asks to become a member; an open group is `CONFLICT`: join it. */
  requestToJoin(groupId: string, note = ""): Promise<JoinRequest> {
    const path = inGroup(groupId, "requests");
    return this.#requests.ask({ method: "POST", path, body: { note } }, joinRequestSchema);
  }

  /** Who waits for an answer, the first one first. */
  async joinRequests(groupId: string): Promise<JoinRequest[]> {
    const path = inGroup(groupId, "requests");
    return (await this.#requests.ask({ method: "GET", path }, joinRequestsSchema)).requests;
  }

  approveRequest(groupId: string, userId: string): Promise<GroupChange> {
    return this.#change("POST", inGroup(groupId, "requests", userId, "approve"));
  }

  /** Refuses somebody's request, or takes the own one back. */
  async endRequest(groupId: string, userId: string): Promise<void> {
    const path = inGroup(groupId, "requests", userId);
    await this.#requests.ask({ method: "DELETE", path }, v.unknown());
  }

  #change(method: HttpRequest["method"], path: string, body?: unknown): Promise<GroupChange> {
    return this.#requests.ask({ method, path, body }, groupChangeSchema);
  }
}

function inGroup(groupId: string, ...below: string[]): string {
  return `/conversations/${[groupId, ...below].map(encodeURIComponent).join("/")}`;
}

function ofInvite(token: string): string {
  return `/invites/${encodeURIComponent(token)}`;
}
