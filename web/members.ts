import type { ReaderEvent, SessionEvents } from "../client/index.ts";

const CAME = new Set(["added", "joined"]);
const WENT = new Set(["left", "removed", "banned"]);

/** Who is in a conversation and who of them is here now, as the server says in `welcome` and afterwards. */
export class Members {
  readonly #myId: string;
  /** Also of those who have left: what they wrote stays. */
  readonly #names = new Map<string, string>();
  /** The seq of the joining, 0 for those who were here before this page. */
  readonly #joined = new Map<string, number>();
  /** Known to have left: the server goes on about nobody else's receipts, but may have told theirs. */
  readonly #gone = new Set<string>();
  #online = new Set<string>();
  /** Where the log ended when `welcome` said who is here. */
  #head = 0;
  count = 0;

  constructor(myId: string) {
    this.#myId = myId;
  }

  welcome({ conversation, online, head }: SessionEvents["welcome"]): void {
    const { members, memberCount } = conversation;
    const present = new Set(members.map(({ userId }) => userId));
    for (const userId of this.#joined.keys()) {
      if (present.has(userId)) continue;
      this.#joined.delete(userId);
      // in a large group somebody may only not be among the named any more
      if (members.length === memberCount) this.#gone.add(userId);
    }
    for (const { userId, name } of members) {
      this.#names.set(userId, name);
      this.#gone.delete(userId);
      if (!this.#joined.has(userId)) this.#joined.set(userId, 0);
    }
    this.count = memberCount;
    this.#head = head;
    this.#online = new Set(online.userIds);
  }

  /** Events that were missed tell no more than when somebody came: `welcome` has counted them. */
  apply(events: readonly ReaderEvent[]): void {
    for (const event of events) {
      if (event.type !== "membership") continue;
      const isNews = event.seq > this.#head;
      for (const { userId, name } of event.members) {
        // of somebody who is no member the log has the id only
        if (name !== userId || !this.#names.has(userId)) this.#names.set(userId, name);
        const isKnown = this.#joined.has(userId);
        if (CAME.has(event.action)) {
          if (isNews) this.#gone.delete(userId);
          if (isNews && !isKnown) this.count += 1;
          if (isNews || isKnown) this.#joined.set(userId, event.seq);
        } else if (WENT.has(event.action)) {
          // also somebody who was no member can be banned
          const wasMember = isKnown || this.#joined.size < this.count;
          if (isNews && wasMember) this.count -= 1;
          if (isNews) this.#joined.delete(userId);
          if (isNews || !isKnown) this.#gone.add(userId);
        }
      }
    }
  }

  setOnline(userId: string, isOnline: boolean): void {
    if (isOnline) this.#online.add(userId);
    else this.#online.delete(userId);
  }

  isMe(userId: string): boolean {
    return userId === this.#myId;
  }

  isOnline(userId: string): boolean {
    return this.#online.has(userId);
  }

  nameOf(userId: string): string {
    return this.isMe(userId) ? "You" : (this.#names.get(userId) ?? "Somebody");
  }

  /** Undefined for somebody of whom only the id was told. */
  knownNameOf(userId: string): string | undefined {
    const name = this.#names.get(userId);
    return name === userId ? undefined : name;
  }

  /** The first of the others; in a direct conversation the only one. */
  get other(): string | undefined {
    return [...this.#joined.keys()].find((userId) => !this.isMe(userId));
  }

  /** Everybody named, the reader last. */
  present(): { name: string; isMe: boolean; isOnline: boolean }[] {
    const people = [...this.#joined.keys()].map((userId) => ({
      name: this.nameOf(userId),
      isMe: userId === this.#myId,
      isOnline: this.#online.has(userId),
    }));
    return people.toSorted((one, other) => Number(one.isMe) - Number(other.isMe));
  }

  /** Whether somebody else was a member when the message at `seq` came. */
  isRecipient(userId: string, seq: number): boolean {
    if (userId === this.#myId || this.#gone.has(userId)) return false;
    return (this.#joined.get(userId) ?? 0) <= seq;
  }

  /** How many others were members when the own message at `seq` came. */
  recipients(seq: number): number {
    const late = [...this.#joined.values()].filter((joined) => joined > seq).length;
    return Math.max(0, this.count - 1 - late);
  }
}
