import {
  ROLES,
  type GroupMemberPage,
  type ReaderEvent,
  type Role,
  type SessionEvents,
  type Settings,
} from "../client/index.ts";

/** A member of a group, as others see them. */
export interface RosterMember {
  userId: string;
  name: string;
  role: Role;
  /** Epoch ms; 0 for who may write. */
  mutedUntil: number;
}

type Membership = Extract<ReaderEvent, { type: "membership" }>;
type Dismissed = Extract<ReaderEvent, { type: "dismissed" }>;

const WENT = new Set<Membership["action"]>(["left", "removed", "banned"]);

/** Roles, mutes and settings of a group: from `welcome` and pages of members, and as events change them. */
export class Roster {
  readonly #myId: string;
  readonly #members = new Map<string, Omit<RosterMember, "mutedUntil">>();
  readonly #mutedUntil = new Map<string, number>();
  /** What has come live while a page of members is on its way. */
  readonly #underWay = new Set<ReaderEvent[]>();
  #head = 0;
  #myRole: Role = "member";
  #settings: Settings | undefined;
  #departure: Membership | Dismissed | undefined;

  constructor(myId: string) {
    this.#myId = myId;
  }

  get myRole(): Role {
    return this.#myRole;
  }

  /** Undefined before the first welcome. */
  get settings(): Settings | undefined {
    return this.#settings;
  }

  /** The event by which this user is no member any more. */
  get departure(): Membership | Dismissed | undefined {
    return this.#departure;
  }

  /** Epoch ms; 0 for one who may write. */
  get myMuteUntil(): number {
    return this.#mutedUntil.get(this.#myId) ?? 0;
  }

  /** Of a large group only those that were read are known. */
  has(userId: string): boolean {
    return this.#members.has(userId);
  }

  /** Those that are known, from the owner down, and by name. */
  members(): RosterMember[] {
    const all = [...this.#members.values()].map((member) => ({
      ...member,
      mutedUntil: this.#mutedUntil.get(member.userId) ?? 0,
    }));
    return all.toSorted(
      (one, other) =>
        ROLES.indexOf(one.role) - ROLES.indexOf(other.role) || one.name.localeCompare(other.name),
    );
  }

  welcome({ conversation, me, head }: SessionEvents["welcome"]): void {
    this.#members.clear();
    for (const { userId, name, role } of conversation.members) {
      this.#members.set(userId, { userId, name, role });
    }
    this.#settings = conversation.settings;
    this.#myRole = me.role;
    this.#head = head;
    this.#departure = undefined;
  }

  /** Of what was missed only mutes are read: `welcome` tells the rest as it is. */
  apply(events: readonly ReaderEvent[]): void {
    for (const meanwhile of this.#underWay) meanwhile.push(...events);
    for (const event of events) {
      const isNews = event.seq > this.#head;
      if (event.type === "membership") this.#follow(event, isNews);
      if (event.type === "settings" && isNews) this.#configure(event.settings);
      if (event.type === "dismissed" && isNews) this.#departure = event;
    }
  }

  /** Takes in a page of members, and answers where the next one begins. The page may be older than what came live. */
  async read(asked: Promise<GroupMemberPage>): Promise<string | null> {
    const meanwhile: ReaderEvent[] = [];
    this.#underWay.add(meanwhile);
    try {
      const { members, nextCursor } = await asked;
      for (const { userId, name, role, mutedUntil } of members) {
        this.#members.set(userId, { userId, name, role });
        this.#mutedUntil.set(userId, mutedUntil ?? 0);
        if (userId === this.#myId) this.#myRole = role;
      }
      this.#underWay.delete(meanwhile);
      this.apply(meanwhile);
      return nextCursor;
    } finally {
      this.#underWay.delete(meanwhile);
    }
  }

  #follow(event: Membership, isNews: boolean): void {
    const { action, members, until = 0 } = event;
    for (const { userId, name, role } of members) {
      if (action === "muted") this.#mutedUntil.set(userId, until);
      if (action === "added" || action === "joined") this.#mutedUntil.delete(userId);
      if (!isNews || action === "unbanned") continue;
      const isMe = userId === this.#myId;
      if (WENT.has(action)) {
        this.#members.delete(userId);
        if (isMe) this.#departure = event;
      } else {
        this.#members.set(userId, { userId, name, role });
        if (isMe) this.#myRole = role;
      }
    }
  }

  #configure({
    name: _name,
    avatarFileId: _picture,
    ...changed
  }: Extract<ReaderEvent, { type: "settings" }>["settings"]): void {
    if (this.#settings !== undefined) this.#settings = { ...this.#settings, ...changed };
  }
}
