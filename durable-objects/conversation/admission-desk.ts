import {
  decideRequest,
  holds,
  invitationFor,
  mayAdmit,
  waitingRequest,
  type Admission,
} from "../../core/admission.ts";
import type { Invite } from "../../core/invite.ts";
import type { JoinRequest } from "../../core/join-request.ts";
import { NO_SUCH_CONVERSATION } from "../../core/changes/write-rules.ts";
import type { ConversationReader } from "../../core/conversation.ts";
import { may } from "../../core/permissions.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { GroupSketch, HeldInvite, InviteDraft } from "../../edge/rpc/admission-rpc.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { TargetedFrame } from "../../edge/rpc/gateway-rpc.ts";

/** Where people are connected. */
interface Connected {
  users(): Iterable<string>;
}

type Made = Result<HeldInvite & { repeated: boolean }, Refusal>;

/** Invitations and requests to join, as they stand beside the log. Each method is one turn of the object. */
export class AdmissionDesk {
  readonly #state: ConversationState;
  readonly #connected: readonly Connected[];
  readonly #tell: (frame: TargetedFrame) => void;

  constructor(
    state: ConversationState,
    connected: readonly Connected[],
    tell: (frame: TargetedFrame) => void,
  ) {
    this.#state = state;
    this.#connected = connected;
    this.#tell = tell;
  }

  makeInvite(makerId: string, key: string, { seconds, maxUses }: InviteDraft): Made {
    return this.#asAdmitter(makerId, "invite", (conversation): Made => {
      const { invites } = this.#state;
      const now = Date.now();
      const known = invites.byKey(makerId, key);
      if (known !== undefined) return ok({ ...this.#held(conversation, known), repeated: true });
      if (!this.#hasRoom(conversation, now)) {
        return fail(refusal("TOO_LARGE", `a group has at most ${LIMITS.invites} invitations`));
      }
      const secret = crypto.randomUUID().replaceAll("-", "");
      const expiresAt = now + seconds * 1_000;
      const made = invites.add({ secret, makerId, createdAt: now, expiresAt, maxUses }, key);
      return ok({ ...this.#held(conversation, made), repeated: false });
    });
  }

  invites(userId: string): Result<HeldInvite[], Refusal> {
    return this.#asAdmitter(userId, "invite", (conversation) =>
      ok(this.#state.invites.all().map((invite) => this.#held(conversation, invite))),
    );
  }

  revokeInvite(userId: string, inviteId: string): Result<HeldInvite, Refusal> {
    return this.#asAdmitter(userId, "invite", (conversation) => {
      const { invites } = this.#state;
      invites.revoke(inviteId, Date.now());
      const revoked = invites.byId(inviteId);
      if (revoked === undefined) return fail(refusal("NOT_FOUND", "no such invitation"));
      return ok(this.#held(conversation, revoked));
    });
  }

  invitation(userId: string, secret: string): Result<GroupSketch, Refusal> {
    return this.#inGroup((conversation) => {
      const invite = invitationFor(conversation, userId, secret, Date.now());
      if (!invite.ok) return invite;
      const { conversationId } = conversation.charter;
      const { name, avatarFileId } = conversation.profile;
      const { expiresAt } = invite.value;
      const memberCount = conversation.memberCount();
      const isMember = conversation.member(userId) !== undefined;
      return ok({ conversationId, name, avatarFileId, memberCount, expiresAt, isMember });
    });
  }

  requestToJoin(
    person: Pick<JoinRequest, "userId" | "name" | "note">,
  ): Result<JoinRequest & { repeated: boolean }, Refusal> {
    return this.#inGroup((conversation) => {
      const { requests } = this.#state;
      const now = Date.now();
      const { userId } = person;
      const decided = decideRequest(conversation, userId, { now, waiting: this.#waiting });
      if (!decided.ok) return decided;
      if (decided.value === "new") {
        requests.put({ ...person, at: now });
        this.tellWaiting();
      }
      const request = requests.of(userId);
      if (request === undefined) throw new Error("a request was not stored");
      return ok({ ...request, repeated: decided.value === "known" });
    });
  }

  joinRequests(userId: string): Result<JoinRequest[], Refusal> {
    return this.#asAdmitter(userId, "answerRequests", () => ok(this.#state.requests.waiting()));
  }

  bans(userId: string): Result<string[], Refusal> {
    return this.#asAdmitter(userId, "banMembers", () => ok(this.#state.members.banned()));
  }

  endRequest(userId: string, requesterId: string): Result<null, Refusal> {
    if (userId === requesterId) {
      // nobody asks to join a direct conversation, and a stranger is not told that there is one
      return this.#inGroup(({ charter }) =>
        charter.type === "direct" ? fail(NO_SUCH_CONVERSATION) : this.#withdraw(userId),
      );
    }
    return this.#asAdmitter(userId, "answerRequests", (conversation) => {
      const known = conversation.request(requesterId);
      if (known !== undefined && known.refusedAt !== null) return ok(null);
      const waiting = waitingRequest(conversation, requesterId);
      if (!waiting.ok) return waiting;
      this.#state.requests.refuse(requesterId, Date.now());
      this.tellWaiting();
      return ok(null);
    });
  }

  /** Tells those who may answer how many people wait. Rule ADM-4. */
  tellWaiting(): void {
    const text = JSON.stringify({ type: "joinRequests", waiting: this.#waiting });
    for (const userId of new Set(this.#connected.flatMap((end) => [...end.users()]))) {
      const member = this.#state.members.find(userId);
      if (member !== undefined && may(member.role, "answerRequests"))
        this.#tell({ text, only: userId });
    }
  }

  get #waiting(): number {
    return this.#state.requests.waitingCount();
  }

  /** A refusal is not taken back by whom it was given to. */
  #withdraw(userId: string): Result<null, Refusal> {
    const { requests } = this.#state;
    if (requests.of(userId)?.refusedAt === null) {
      requests.close(userId);
      this.tellWaiting();
    }
    return ok(null);
  }

  /** When the list is full, the oldest of those that hold no more makes room. Rule ADM-3. */
  #hasRoom(conversation: ConversationReader, now: number): boolean {
    const { invites } = this.#state;
    const all = invites.all();
    if (all.length < LIMITS.invites) return true;
    const dead = all.findLast((invite) => !holds(conversation, invite, now));
    if (dead !== undefined) invites.remove(dead.inviteId);
    return dead !== undefined;
  }

  #held(conversation: ConversationReader, invite: Invite): HeldInvite {
    return { ...invite, holds: holds(conversation, invite, Date.now()) };
  }

  #asAdmitter<T>(
    userId: string,
    permission: Admission,
    answer: (conversation: ConversationReader) => Result<T, Refusal>,
  ): Result<T, Refusal> {
    return this.#inGroup((conversation) => {
      const refused = mayAdmit(conversation, userId, permission);
      return refused === null ? answer(conversation) : fail(refused);
    });
  }

  #inGroup<T>(
    answer: (conversation: ConversationReader) => Result<T, Refusal>,
  ): Result<T, Refusal> {
    if (this.#state.founded === null) return fail(NO_SUCH_CONVERSATION);
    return answer(this.#state.rules);
  }
}
