import type { ReaderEvent, SessionEvents } from "../client/index.ts";

const GONE = new Set(["left", "removed", "banned"]);

/** Who is in a conversation and who of them is here now, as the server says in `welcome` and afterwards. */
export class Members {
  readonly #myId: string;
  /** Also of those who have left: what they wrote stays. */
  readonly #names = new Map<string, string>();
  /** The seq of the joining, 0 for those who were here before this page. */
  readonly #joined = new Map<string, number>();
  #online = new Set<string>();
  count = 0;

  constructor(myId: string) {
    this.#myId = myId;
  }

  welcome({ conversation, online }: SessionEvents["welcome"]): void {
    const present = new Set(conversation.members.map(({ userId }) => userId));
    for (const userId of this.#joined.keys()) if (!present.has(userId)) this.#joined.delete(userId);
    for (const { userId, name } of conversation.members) {
      this.#names.set(userId, name);
      if (!this.#joined.has(userId)) this.#joined.set(userId, 0);
    }
    this.count = conversation.memberCount;
    this.#online = new Set(online.userIds);
  }

  /** Answers whether somebody came or went. */
  apply(events: readonly ReaderEvent[]): boolean {
    const before = this.count;
    let hasChanged = false;
    for (const event of events) {
      if (event.type !== "membership") continue;
      for (const { userId, name } of event.members) {
        this.#names.set(userId, name);
        const isPresent = this.#joined.has(userId);
        if (event.action === "added" || event.action === "joined") {
          this.#joined.set(userId, event.seq);
          if (!isPresent) this.count += 1;
        } else if (GONE.has(event.action) && this.#joined.delete(userId)) {
          this.count -= 1;
        }
      }
      hasChanged = true;
    }
    return hasChanged || before !== this.count;
  }

  setOnline(userId: string, isOnline: boolean): void {
    if (isOnline) this.#online.add(userId);
    else this.#online.delete(userId);
  }

  nameOf(userId: string): string {
    return userId === this.#myId ? "You" : (this.#names.get(userId) ?? "Somebody");
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
    return userId !== this.#myId && (this.#joined.get(userId) ?? 0) <= seq;
  }

  /** How many others were members when the own message at `seq` came. */
  recipients(seq: number): number {
    const late = [...this.#joined.values()].filter((joined) => joined > seq).length;
    return Math.max(0, this.count - 1 - late);
  }
}
