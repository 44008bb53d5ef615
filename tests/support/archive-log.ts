import fc from "fast-check";
import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import type { MembershipEvent } from "../../protocol/event.ts";
import type { OutboxEvent, ReplacedVersion } from "../../protocol/outbox-frames.ts";
import { batchOf, foundedEvent, messageEvent } from "./archive-events.ts";

/** What somebody does to a conversation; `pick` chooses among what there is to do it to. */
export type Deed =
  | { type: "say" }
  | { type: "edit"; pick: number }
  | { type: "delete"; pick: number }
  | { type: "erase"; share: number }
  | { type: "report"; pick: number; userId: string }
  | { type: "judge"; pick: number; isSpam: boolean }
  | { type: "react"; pick: number; userId: string; emoji: string }
  | { type: "member"; userId: string; action: MembershipEvent["action"] }
  | { type: "dropFile"; pick: number }
  | { type: "rename"; name: string }
  | { type: "dismiss" };

const userId = fc.constantFrom("bob", "carol", "dave");
const pick = fc.nat({ max: 99 });

export const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ type: "say" as const }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("edit" as const), pick }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("erase" as const),
      share: fc.integer({ min: 2, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("report" as const), pick, userId }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("judge" as const), pick, isSpam: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("react" as const),
      pick,
      userId,
      emoji: fc.constantFrom("👍", "🎉"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("dropFile" as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("member" as const),
      userId,
      action: fc.constantFrom("added", "joined", "left", "banned", "unbanned", "role", "muted"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("rename" as const),
      name: fc.constantFrom("Crew", "Band"),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "dismiss" as const }) },
);

interface Said {
  seq: number;
  versions: { version: number; content: string; at: number; seq: number }[];
  deletedSeq: number | null;
  /** What was said of it being spam, each with the event that said so. */
  flags: { seq: number; isSpam: boolean }[];
  reactions: Set<string>;
  /** When its only attachment was deleted. */
  fileGoneSeq: number | null;
}

/** A log that grows by deeds, and can be read as it stood at any moment: messages change in place, as in the edge. */
export class ArchiveLog {
  readonly #id: string;
  readonly #events: OutboxEvent[] = [foundedEvent()];
  readonly #said = new Map<number, Said>();

  constructor(id: string, deeds: readonly Deed[]) {
    this.#id = id;
    for (const each of deeds) this.#do(each);
  }

  get head(): number {
    return this.#events.length - 1;
  }

  /** Events `from` to `to` as an outbox would send them while the log ended at `head`. */
  read(from: number, to: number, head: number): ArchiveBatch {
    const events = this.#events.slice(from, to + 1).map((event) => this.#asOf(event, head));
    return batchOf(this.#id, events);
  }

  #do(each: Deed): void {
    const seq = this.#events.length;
    const at = messageEvent(seq).at;
    const alive = [...this.#said.values()].filter(({ deletedSeq }) => deletedSeq === null);
    const message = "pick" in each ? alive[each.pick % Math.max(alive.length, 1)] : undefined;
    const base = { seq, at, senderId: "alice" };
    switch (each.type) {
      case "say":
        this.#events.push(
          messageEvent(seq, {
            metadata: { n: seq },
            mentions: ["bob"],
            attachments: [fileOf(seq)],
          }),
        );
        this.#said.set(seq, {
          seq,
          versions: [{ version: 1, content: `message ${seq}`, at, seq }],
          deletedSeq: null,
          flags: [],
          reactions: new Set(),
          fileGoneSeq: null,
        });
        return;
      case "edit": {
        if (message === undefined) return;
        const version = message.versions.length + 1;
        const content = `edited ${seq}`;
        const replaced = this.#last(message);
        message.versions.push({ version, content, at, seq });
        this.#events.push({
          ...base,
          type: "edited",
          target: message.seq,
          version,
          content,
          replaced,
        });
        return;
      }
      case "delete":
        if (message === undefined) return;
        message.deletedSeq = seq;
        this.#events.push({
          ...base,
          type: "deleted",
          target: message.seq,
          replaced: this.#last(message),
        });
        return;
      case "dropFile":
        if (message === undefined || message.fileGoneSeq !== null) return;
        message.fileGoneSeq = seq;
        this.#events.push({
          ...base,
          type: "fileDeleted",
          fileId: fileOf(message.seq),
          targets: [message.seq],
        });
        return;
      case "erase": {
        const gone = alive.filter((one) => one.seq % each.share === 0);
        if (gone.length === 0) return;
        for (const one of gone) one.deletedSeq = seq;
        const targets = gone.map((one) => one.seq);
        this.#events.push({ ...base, type: "erased", userId: "alice", targets });
        return;
      }
      case "report": {
        if (message === undefined) return;
        const version = message.versions.length;
        const said = {
          target: message.seq,
          version,
          reason: "an advert",
          reports: 1,
          isSpam: true,
        };
        message.flags.push({ seq, isSpam: true });
        this.#events.push({ ...base, senderId: each.userId, type: "reported", ...said });
        return;
      }
      case "judge": {
        if (message === undefined) return;
        message.flags.push({ seq, isSpam: each.isSpam });
        const { isSpam } = each;
        this.#events.push({ ...base, type: "judged", target: message.seq, isSpam });
        return;
      }
      case "react": {
        if (message === undefined) return;
        const key = `${each.emoji} ${each.userId}`;
        const active = !message.reactions.delete(key);
        if (active) message.reactions.add(key);
        const { emoji, userId: senderId } = each;
        this.#events.push({
          ...base,
          senderId,
          type: "reaction",
          target: message.seq,
          emoji,
          active,
        });
        return;
      }
      case "member": {
        const role = each.action === "role" ? "moderator" : "member";
        const members = [{ userId: each.userId, name: each.userId, role } as const];
        const { action } = each;
        const details = membershipDetails(action, at);
        this.#events.push({ ...base, type: "membership", action, members, ...details });
        return;
      }
      case "dismiss":
        this.#events.push({ ...base, type: "dismissed", memberCount: 1 });
        return;
      case "rename":
        this.#events.push({
          ...base,
          type: "settings",
          settings: { name: each.name, slowModeS: seq },
        });
    }
  }

  #last({ versions }: Said): ReplacedVersion {
    const last = versions.at(-1);
    if (last === undefined) throw new Error("a message has a version");
    const { version, content, at } = last;
    return { version, content, at };
  }

  #asOf(event: OutboxEvent, head: number): OutboxEvent {
    if (event.type === "edited") {
      const isGone = this.#deletedBy(event.target, head) !== null;
      return isGone ? { ...event, content: "" } : event;
    }
    if (event.type !== "message") return event;
    const said = this.#said.get(event.seq);
    const current = said?.versions.findLast(({ seq }) => seq <= head);
    if (current === undefined) throw new Error("read before it was said");
    const { version, at, content } = current;
    const isSpam = said?.flags.findLast(({ seq }) => seq <= head)?.isSpam ?? false;
    const edited = {
      ...(version === 1 ? {} : { version, editedAt: at }),
      ...(isSpam ? { isSpam: true as const } : {}),
    };
    const deletedSeq = this.#deletedBy(event.seq, head);
    if (deletedSeq === null) {
      const message = { ...event.message, content, ...this.#goneFiles(event.seq, head) };
      return { ...event, message, ...edited };
    }
    const deletedAt = messageEvent(deletedSeq).at;
    return { ...event, message: { type: "TEXT", content: "" }, ...edited, deletedAt };
  }

  #goneFiles(seq: number, head: number): { deletedAttachments?: string[] } {
    const goneSeq = this.#said.get(seq)?.fileGoneSeq ?? null;
    return goneSeq === null || goneSeq > head ? {} : { deletedAttachments: [fileOf(seq)] };
  }

  #deletedBy(seq: number, head: number): number | null {
    const deletedSeq = this.#said.get(seq)?.deletedSeq ?? null;
    return deletedSeq !== null && deletedSeq <= head ? deletedSeq : null;
  }
}

function membershipDetails(action: MembershipEvent["action"], at: number) {
  if (action === "muted") return { until: at + 1_000 };
  if (action === "joined") return { inviteId: "i1" };
  return action === "added" ? { requested: true } : {};
}

function fileOf(seq: number): string {
  return `a.f${seq}`;
}

/** One visit of a bridge: where it starts again, how far it gets, and how far the log was by then; all as shares. */
export interface Visit {
  from: number;
  to: number;
  head: number;
}

export const visit: fc.Arbitrary<Visit> = fc.record({
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  to: fc.double({ min: 0, max: 1, noNaN: true }),
  head: fc.double({ min: 0, max: 1, noNaN: true }),
});

/**
 * What bridges write in these visits and a last, whole one. Each starts at or before where the sink is by then, as an
 * outbox does; each reads the log as it stands by then, so the log's head never falls.
 */
export function visits(log: ArchiveLog, made: readonly Visit[]): ArchiveBatch[] {
  let reached = -1;
  let head = 0;
  const batches = made.map((one) => {
    head = Math.max(head, Math.round(one.head * log.head));
    const from = Math.min(head, Math.round(one.from * (reached + 1)));
    const to = from + Math.round(one.to * (head - from));
    reached = Math.max(reached, to);
    return log.read(from, to, head);
  });
  return [...batches, log.read(0, log.head, log.head)];
}
